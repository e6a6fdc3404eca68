"""What RNN, LSTM and GRU share: the forms an input may take, its checks, and the stack of layers.

Exceptions are of the types `torch.nn` raises for the same mistakes.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout
from torch.nn.utils.rnn import PackedSequence

from ostinato._errors import InputError
from ostinato.nn._equations import State, Weights, unflatten
from ostinato.nn._layer import run_layer
from ostinato.nn._lengths import Lengths, plan, read_lengths


def run(
    module: nn.RNNBase, x: Tensor | PackedSequence, state: State | None, lengths: Lengths | None
) -> tuple[Tensor | PackedSequence, State]:
    """The forward pass of RNN, LSTM and GRU, the state always a tuple."""
    # Read by attribute, once a call: a parametrisation, functional_call or plain assignment may have
    # replaced the weights, and a parametrised one is computed each time it is read.
    weights = [
        unflatten(tensors, bias=module.bias, projection=module.proj_size > 0)
        for tensors in module.all_weights
    ]
    if isinstance(x, PackedSequence):
        if lengths is not None:
            raise InputError("lengths given with a PackedSequence, which has its own: leave lengths out")
        return _run_packed(module, weights, x, state)
    if x.dim() not in (2, 3):
        raise ValueError(f"input has {x.dim()} dimensions: give (time, batch, features) or (time, features)")
    if state is not None:
        _check_rank(x, state)
    if x.dim() == 3:
        return _run_batch(module, weights, x, state, lengths)
    if lengths is not None:
        raise InputError("lengths given with an unbatched input: slice the input, or add a batch dimension")
    batch_dim = 0 if module.batch_first else 1
    state = None if state is None else tuple(s.unsqueeze(1) for s in state)
    y, state = _run_batch(module, weights, x.unsqueeze(batch_dim), state, None)
    return y.squeeze(batch_dim), tuple(s.squeeze(1) for s in state)


def _run_packed(
    module: nn.RNNBase, weights: Sequence[Weights], x: PackedSequence, state: State | None
) -> tuple[PackedSequence, State]:
    data, batch_sizes, order, inverse = x
    if data.dim() != 2:
        raise RuntimeError(f"the packed data have {data.dim()} dimensions: pack (time, batch, features)")
    _check_input(module, weights, data)
    state = _initial(module, data, int(batch_sizes[0]), state)
    y, state = _run_stack(module, weights, data, _permute(state, order), batch_sizes.tolist())
    return PackedSequence(y, batch_sizes, order, inverse), _permute(state, inverse)


def _run_batch(
    module: nn.RNNBase,
    weights: Sequence[Weights],
    x: Tensor,
    state: State | None,
    lengths: Lengths | None,
) -> tuple[Tensor, State]:
    _check_input(module, weights, x)
    batch_first = module.batch_first
    B, T = x.shape[:2] if batch_first else (x.shape[1], x.shape[0])
    state = _initial(module, x, B, state)
    if T == 0:
        raise RuntimeError("input has 0 time steps: give at least one")
    if lengths is None:
        y, state = _run_stack(module, weights, x.transpose(0, 1) if batch_first else x, state)
        return (y.transpose(0, 1) if batch_first else y), state
    packing = plan(read_lengths(lengths, B, T), batch_first=batch_first, T=T, device=x.device)
    state = _permute(state, packing.order)
    y, state = _run_stack(module, weights, packing.pack(x), state, packing.batch_sizes)
    return packing.pad(y, *x.shape[:2]), _permute(state, packing.inverse)


def _run_stack(
    module: nn.RNNBase,
    weights: Sequence[Weights],
    x: Tensor,
    state: State,
    batch_sizes: Sequence[int] | None = None,
) -> tuple[Tensor, State]:
    """All layers and directions: x and batch_sizes as in `run_layer`, each state (L·D, B, ·)."""
    kind, directions = module.mode.lower(), (False, True) if module.bidirectional else (False,)
    parts = zip(zip(*(s.unbind(0) for s in state), strict=True), weights, strict=True)
    finals = []
    for layer in range(module.num_layers):
        if layer > 0 and module.dropout > 0:
            x = dropout(x, module.dropout, module.training)
        outputs = []
        for reverse in directions:
            initial, w = next(parts)
            y, final = run_layer(kind, x, initial, w, reverse=reverse, batch_sizes=batch_sizes)
            outputs.append(y)
            finals.append(final)
        x = torch.cat(outputs, dim=-1) if module.bidirectional else outputs[0]
    return x, tuple(torch.stack(s) for s in zip(*finals, strict=True))


def _permute(state: State, order: Tensor | None) -> State:
    return state if order is None else tuple(s.index_select(1, order) for s in state)


def _check_rank(x: Tensor, state: State) -> None:
    for s in state:
        if s.dim() != x.dim():
            form = "batched 3-D" if x.dim() == 3 else "unbatched 2-D"
            raise RuntimeError(f"initial state has {s.dim()} dimensions: a {form} input needs {x.dim()}")


def _check_input(module: nn.RNNBase, weights: Sequence[Weights], x: Tensor) -> None:
    dtype = weights[0].w_ih.dtype
    if x.dtype != dtype and not _autocasting(x):
        raise ValueError(f"input is {x.dtype} and the weights {dtype}: use input.to(…) or module.to(…)")
    if x.shape[-1] != module.input_size:
        raise RuntimeError(
            f"input has {x.shape[-1]} features: the module's input_size is {module.input_size}"
        )


def _initial(module: nn.RNNBase, x: Tensor, B: int, state: State | None) -> State:
    """The initial state: the given one, if its sizes and type are right, or zeros."""
    sizes = [module.proj_size or module.hidden_size]
    if module.mode == "LSTM":
        sizes.append(module.hidden_size)
    rows = module.num_layers * (2 if module.bidirectional else 1)
    if state is None:
        return tuple(x.new_zeros(rows, B, size) for size in sizes)
    for s, size in zip(state, sizes, strict=True):
        if s.shape != (rows, B, size):
            raise RuntimeError(f"initial state is {tuple(s.shape)}: it should be {(rows, B, size)}")
        if s.dtype != x.dtype and not _autocasting(x):
            raise RuntimeError(f"initial state is {s.dtype} and input {x.dtype}: convert one to the other")
    return state


def _autocasting(x: Tensor) -> bool:
    device = x.device.type
    return torch.amp.is_autocast_available(device) and torch.is_autocast_enabled(device)
