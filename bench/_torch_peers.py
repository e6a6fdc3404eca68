"""Ours, and torch's own: plain, packed, padded, compiled."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

import ostinato.nn as onn
from _peers import Arrays, MismatchError, Peer
from _rows import LAYERS, Layers, Problem, Row, make_layer


class TorchPeer(Peer):
    """A module of torch's or ours, with the problem's weights."""

    layers: ClassVar[Layers] = LAYERS

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.layer = make_layer(self.layers, problem.row)
        self.layer.load_state_dict(problem.weights)
        self.module: Callable[..., Any] = self.layer
        self.x = problem.x.clone().requires_grad_()
        self.dy = problem.dy
        self.states = tuple(s.clone().requires_grad_() for s in problem.states)

    def __call__(self, call: int) -> tuple[Tensor, ...]:
        """Outputs and, in training, the gradients of every input and parameter."""
        if not self.problem.row.trains:
            with torch.inference_mode():
                return self.outputs(call)
        weights = tuple(self.layer.parameters())
        torch.autograd.graph.increment_version(
            weights
        )  # the optimiser has changed them: nothing made of them stays
        outputs = self.outputs(call)
        leaves = (self.x, *self.states, *weights)
        return outputs + torch.autograd.grad(outputs, leaves, (self.dy, *self.problem.dstates))

    def outputs(self, call: int) -> tuple[Tensor, ...]:
        """(y, h) or (y, h, c)."""
        return self.run(self.x)

    def run(self, x: Tensor | PackedSequence, **options: Any) -> tuple[Any, ...]:
        """Call the module."""
        y, state = self.module(x, self.states if len(self.states) == 2 else self.states[0], **options)
        return (y, *state) if isinstance(state, tuple) else (y, state)

    def arrays(self, result: Sequence[Tensor]) -> Arrays:
        """All of the result."""
        return self.problem.named([tensor.detach().numpy() for tensor in result])


class Ours(TorchPeer):
    """`ostinato.nn`, told the lengths."""

    name = "ostinato"
    layers = onn.LAYERS

    @classmethod
    def takes(cls, row: Row) -> bool:
        """Every row."""
        return True

    def outputs(self, call: int) -> tuple[Tensor, ...]:
        """(y, h) or (y, h, c)."""
        return self.run(self.x, lengths=self.problem.lengths_of(call))

    def arrays(self, result: Sequence[Tensor]) -> Arrays:
        """All of the result, if it is the native kernels'."""
        if (backend := onn.backend_used(self.layer)) != "native":
            raise MismatchError(f"ostinato ran on the {backend} backend, not on the native kernels")
        return super().arrays(result)


class TorchNN(TorchPeer):
    """`torch.nn`."""

    name = "torch.nn"

    @classmethod
    def takes(cls, row: Row) -> bool:
        """Sequences of one length."""
        return not row.lengths


class TorchPacked(TorchPeer):
    """`torch.nn` on a `PackedSequence` that was made beforehand."""

    name = "torch.nn packed"

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.packed = problem.pack(problem.x, 0)
        self.x = self.packed.data.requires_grad_()
        self.dy = problem.pack(problem.dy, 0).data

    @classmethod
    def takes(cls, row: Row) -> bool:
        """The same lengths at every call."""
        return row.lengths == "ragged"

    def outputs(self, call: int) -> tuple[Tensor, ...]:
        """(y, h) or (y, h, c), y packed."""
        y, *state = self.run(self.packed)
        return (y.data, *state)

    def arrays(self, result: Sequence[Tensor]) -> Arrays:
        """All of the result, padded again."""
        arrays = super().arrays(result)
        for name in arrays.keys() & {"y", "dx"}:
            packed = self.packed._replace(data=torch.from_numpy(arrays[name]))
            arrays[name] = pad_packed_sequence(packed)[0].numpy()
        return arrays


class TorchPacking(TorchPeer):
    """`torch.nn` on a `PackedSequence` that is made, and its output padded again, within the call."""

    name = "torch.nn packed"

    @classmethod
    def takes(cls, row: Row) -> bool:
        """Lengths that change."""
        return row.lengths == "changing"

    def outputs(self, call: int) -> tuple[Tensor, ...]:
        """(y, h) or (y, h, c), y padded."""
        y, *state = self.run(self.problem.pack(self.x, call))
        return (pad_packed_sequence(y)[0], *state)


class TorchPadded(TorchPeer):
    """`torch.nn` over the padding too, as is done by those who want the outputs only."""

    name = "torch.nn padded"

    @classmethod
    def takes(cls, row: Row) -> bool:
        """Sequences of different lengths, read forwards: the way back would begin in the padding."""
        return bool(row.lengths) and not row.bidirectional

    def arrays(self, result: Sequence[Tensor]) -> Arrays:
        """The outputs at real steps, all of it that is right."""
        lengths = self.problem.lengths_of(0)
        assert lengths is not None
        real = torch.arange(self.problem.row.T)[:, None] < lengths
        return {"y": (result[0].detach() * real[:, :, None]).numpy()}


class TorchCompile(TorchPeer):
    """`torch.compile` of `torch.nn`, which unrolls the time steps and takes seconds to compile each."""

    name = "torch.compile"
    longest: ClassVar[int] = 50

    def __init__(self, problem: Problem) -> None:
        from torch._dynamo import config, reset  # loading it takes seconds

        super().__init__(problem)
        reset()  # after some rows it would give up compiling
        config.allow_rnn = True
        self.module = torch.compile(self.module, fullgraph=True, dynamic=False)

    @classmethod
    def takes(cls, row: Row) -> bool:
        """Few steps, sequences of one length."""
        return not (row.lengths or row.mode == "cold" or cls.longest < row.T)


PEERS = (Ours, TorchNN, TorchPacked, TorchPacking, TorchPadded, TorchCompile)
