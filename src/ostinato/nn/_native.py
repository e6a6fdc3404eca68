"""The native kernels on tensors: float32 on the CPU, one layer at a time, no autograd.

Every result is allocated from the shapes of the inputs alone. What is kept for the backward pass therefore
has room for every step of a batch, real or not: memory that is never written to costs nothing.
"""

from collections.abc import Iterable, Sequence
from math import prod
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from ostinato import kernels
from ostinato.nn._equations import unflatten

_INTERFACE = getattr(Tensor, "__dlpack_c_exchange_api__", None)  # torch 2.10 or newer
_LARGE = 2**20  # floats: 4 MiB, from which on the kernels' own memory may be in large pages


class Inputs(NamedTuple):
    """What a layer is given."""

    kind: kernels.Kind
    x: Tensor
    """(T, B, I) or (N, I); or ids, without the I."""
    state: Sequence[Tensor]
    """`[h]` or `[h, c]`, each (D, B, ·)."""
    weights: Sequence[Tensor]
    """Those of the first direction, then those of the second, each in torch's order."""
    embedding: Tensor | None
    """(V, I), or None for ids that are one-hot."""
    lengths: Tensor | None
    """(B,) int64."""
    batch_sizes: Tensor | None
    """(T,) int64, with x (N, I)."""

    @classmethod
    def of(
        cls, kind: Any, tensors: Sequence[Any], lengths: Tensor | None, batch_sizes: Tensor | None
    ) -> "Inputs":
        """The inputs whose `tensors` these are."""
        x, embedding, *others = tensors
        states = 2 if kind == "lstm" else 1
        return cls(kind, x, others[:states], others[states:], embedding, lengths, batch_sizes)

    @property
    def tensors(self) -> list[Tensor | None]:
        """Those that may have a gradient."""
        return [self.x, self.embedding, *self.state, *self.weights]

    def of_wanted(self, wanted: Sequence[bool]) -> list[Tensor]:
        """Those of `tensors` that are there and whose gradient is wanted."""
        tensors = zip(self.tensors, wanted, strict=True)
        return [t for t, want in tensors if want and t is not None]

    @property
    def directions(self) -> int:
        """D."""
        return self.state[0].shape[0]

    def by_direction(self, weights: Sequence[Any]) -> list[Any]:
        """The parts of a sequence that is ordered like `weights`, by direction and name."""
        each = len(weights) // self.directions
        return [unflatten(weights[first : first + each]) for first in range(0, len(weights), each)]


def output_shape(inputs: Inputs) -> tuple[int, ...]:
    """That of y: (T, B, D·R) or (N, D·R)."""
    x, (D, _, R) = inputs.x, inputs.state[0].shape
    return (*(x.shape[:-1] if x.is_floating_point() else x.shape), D * R)


def new_outputs(inputs: Inputs) -> tuple[Tensor, list[Tensor]]:
    """Room for y and the final state."""
    return _room(output_shape(inputs)), [_room_like(s) for s in inputs.state]


def kept_shapes(inputs: Inputs) -> list[tuple[int, ...]]:
    """What the backward pass wants kept, each (D, T·B, ·) or (D, N, ·)."""
    (D, B, R), H = inputs.state[0].shape, inputs.state[-1].shape[2]
    slots = inputs.x.shape[0] if inputs.batch_sizes is not None else inputs.x.shape[0] * B
    sizes = kernels.kept_sizes(inputs.kind, slots, H, R != H)
    return [(D, *size) for size in sizes if size is not None]


def new_kept(inputs: Inputs) -> list[Tensor]:
    """Room for what the backward pass wants kept."""
    return [_lasting_room(shape) for shape in kept_shapes(inputs)]


def new_gradients(inputs: Inputs, wanted: Sequence[bool]) -> list[Tensor]:
    """Room for the gradients of those of `inputs.tensors` that are wanted."""
    return [_room_like(t) for t in inputs.of_wanted(wanted)]


def _room_like(tensor: Tensor) -> Tensor:
    if tensor.numel() < _LARGE:
        return torch.empty_like(tensor, memory_format=torch.contiguous_format)
    return _lasting_room(tensor.shape)


def _room(shape: Sequence[int]) -> Tensor:
    if prod(shape) < _LARGE:
        return torch.empty(*shape, dtype=torch.float32, device="cpu")
    return _lasting_room(shape)


def _lasting_room(shape: Sequence[int]) -> Tensor:
    """In memory that is kept for the next call."""
    return torch.from_numpy(kernels.empty(tuple(shape)))


def spread(found: Iterable[Any], wanted: Sequence[bool]) -> list[Any]:
    """The wanted gradients, with None in the place of the others."""
    found = iter(found)
    return [next(found) if want else None for want in wanted]


def forward(inputs: Inputs, y: Tensor, final: Sequence[Tensor], kept: Sequence[Tensor] | None) -> None:
    """Run the layer; y, final and kept, or no kept, are written."""
    if _as_they_lie(inputs.tensors) and kernels.forward_tensors(
        _INTERFACE, inputs.kind, inputs, y, final, kept, torch.get_num_threads()
    ):
        return
    kernels.forward(
        **_arrays(inputs),
        y=_array(y),
        finals=_states(final),
        kept=None if kept is None else _kept(inputs, kept),
    )


def backward(
    inputs: Inputs,
    y: Tensor,
    kept: Sequence[Tensor],
    dy: Tensor | None,
    dfinal: Sequence[Tensor | None],
    gradients: Sequence[Tensor | None],
) -> None:
    """Compute the gradients of `inputs.tensors` that are not None, from those of y and the final state."""
    if _as_they_lie((*inputs.tensors, dy, *dfinal)) and kernels.backward_tensors(
        _INTERFACE, inputs.kind, inputs, y, kept, dy, dfinal, gradients, torch.get_num_threads()
    ):
        return
    dx, dembedding, *others = gradients
    n = len(inputs.state)
    if dy is None:
        dy = y.new_zeros(y.shape[-1]).expand(y.shape)  # of the size of one vector
    kernels.backward(
        **_arrays(inputs),
        y=_array(y),
        kept=_kept(inputs, kept),
        dy=_array(dy),
        dfinals=_states(dfinal, inputs.state),
        dx=_array(dx),
        dembedding=_array(dembedding),
        # The state's gradient is carried through time whether it is wanted or not.
        dstates=_states(others[:n], inputs.state),
        dweights=_weights(inputs, [_array(d) for d in others[n:]]),
    )


def _as_they_lie(tensors: Iterable[Tensor | None]) -> bool:
    """Whether memory holds their values; a view that negates has others."""
    return not any(t is not None and t.is_neg() for t in tensors)


# The kernels' view of tensors that they do not read where they are: numpy arrays over the same memory.


def _arrays(inputs: Inputs) -> dict[str, Any]:
    return {
        "kind": inputs.kind,
        "x": _array(inputs.x),
        "states": _states(inputs.state),
        "weights": _weights(inputs, [_array(w) for w in inputs.weights]),
        "embedding": _array(inputs.embedding),
        "lengths": _array(inputs.lengths),
        "batch_sizes": _array(inputs.batch_sizes),
        "reverse": (False, True)[: inputs.directions],
        "threads": torch.get_num_threads(),
    }


def _array(tensor: Tensor | None) -> Any:
    # By force: the tensor may require a gradient, or be a view that negates.
    return None if tensor is None else tensor.numpy(force=True)


def _states(state: Sequence[Tensor | None], like: Sequence[Tensor] = ()) -> list[tuple[Any, ...]]:
    """A tuple `(h,)` or `(h, c)` for each direction; zeros of another state's shape in the place of None."""
    arrays = [np.zeros(like[k].shape, np.float32) if s is None else _array(s) for k, s in enumerate(state)]
    return list(zip(*arrays, strict=True))


def _weights(inputs: Inputs, arrays: Sequence[Any]) -> list[kernels.Weights]:
    return [kernels.Weights(*direction) for direction in inputs.by_direction(arrays)]


def _kept(inputs: Inputs, kept: Sequence[Tensor]) -> list[kernels.Kept]:
    """By direction; a cell has use for the first fields, or for none."""
    arrays = [_array(k) for k in kept]
    return [kernels.Kept(*(a[d] for a in arrays)) for d in range(inputs.directions)]
