"""What RNN, LSTM and GRU share: the forms an input may take, its checks, and the stack of layers.

Exceptions are of the types `torch.nn` raises for the same mistakes.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout
from torch.nn.utils.rnn import PackedSequence

from ostinato._errors import InputError
from ostinato.nn import _cudnn
from ostinato.nn._backend import autocasting, choose_backend
from ostinato.nn._dynamo import let_dynamo_in
from ostinato.nn._equations import State, Weights, unflatten
from ostinato.nn._layer import run_layer
from ostinato.nn._lengths import Lengths, read_lengths
from ostinato.nn._one_hot import whole

let_dynamo_in()


def run(
    module: nn.RNNBase,
    x: Tensor | PackedSequence,
    state: State | None,
    lengths: Lengths | None,
    embedding: Tensor | None,
) -> tuple[Tensor | PackedSequence, State]:
    """The forward pass of RNN, LSTM and GRU, the state always a tuple."""
    # Read by attribute, once a call: a parametrisation, functional_call or plain assignment may have
    # replaced the weights, and a parametrised one is computed each time it is read.
    weights = [unflatten(tensors) for tensors in module.all_weights]
    if isinstance(x, PackedSequence):
        if lengths is not None:
            raise InputError("lengths given with a PackedSequence, which has its own: leave lengths out")
        return _run_packed(module, weights, x, state, embedding)
    rank = _rank(x, 3)
    if rank not in (2, 3):
        raise ValueError(
            f"input has {x.dim()} dimensions: give (time, batch, features) or (time, features), or token ids,"
            " (time, batch) or (time,)"
        )
    if state is not None:
        _check_rank(rank, state)
    if rank == 3:
        return _run_batch(module, weights, x, state, lengths, embedding)
    if lengths is not None:
        raise InputError("lengths given with an unbatched input: slice the input, or add a batch dimension")
    batch_dim = 0 if module.batch_first else 1
    state = None if state is None else tuple(s.unsqueeze(1) for s in state)
    y, state = _run_batch(module, weights, x.unsqueeze(batch_dim), state, None, embedding)
    return y.squeeze(batch_dim), tuple(s.squeeze(1) for s in state)


def _run_packed(
    module: nn.RNNBase,
    weights: Sequence[Weights],
    x: PackedSequence,
    state: State | None,
    embedding: Tensor | None,
) -> tuple[PackedSequence, State]:
    data, batch_sizes, order, inverse = x
    if _rank(data, 2) != 2:
        raise RuntimeError(f"the packed data have {data.dim()} dimensions: pack (time, batch, features)")
    vectors = _check_input(module, weights, data, embedding, ids=data.dim() == 1)
    state = _permute(_initial(module, vectors, int(batch_sizes[0]), state), order)
    y, state = _run_stack(module, weights, data, state, embedding, batch_sizes=batch_sizes)
    return PackedSequence(y, batch_sizes, order, inverse), _permute(state, inverse)


def _run_batch(
    module: nn.RNNBase,
    weights: Sequence[Weights],
    x: Tensor,
    state: State | None,
    lengths: Lengths | None,
    embedding: Tensor | None,
) -> tuple[Tensor, State]:
    vectors = _check_input(module, weights, x, embedding, ids=x.dim() == 2)
    if module.batch_first:
        x = x.transpose(0, 1)
    T, B = x.shape[:2]
    state = _initial(module, vectors, B, state)
    if T == 0:
        raise RuntimeError("input has 0 time steps: give at least one")
    steps = None if lengths is None else read_lengths(lengths, B, T)
    y, state = _run_stack(module, weights, x, state, embedding, lengths=steps)
    return (y.transpose(0, 1) if module.batch_first else y), state


def _run_stack(
    module: nn.RNNBase,
    weights: Sequence[Weights],
    x: Tensor,
    state: State,
    embedding: Tensor | None,
    *,
    lengths: Tensor | None = None,
    batch_sizes: Tensor | None = None,
) -> tuple[Tensor, State]:
    """As `run_layer`, with the weights and the states of all layers, (L·D, B, ·)."""
    vectors = embedding if whole(x) else x
    tensors = [*state, *(w for direction in weights for w in direction), vectors]
    chosen = choose_backend(module, x, [t for t in tensors if t is not None])
    x = x.long() if whole(x) else x
    if chosen == "cudnn":
        return _cudnn.run_layers(module, weights, x, state, embedding, lengths, batch_sizes)
    kind, L = module.mode.lower(), module.num_layers
    D = len(weights) // L
    states = [state] if L == 1 else list(zip(*(torch.split(s, D) for s in state), strict=True))
    finals = []
    for layer in range(L):
        if layer > 0 and module.dropout > 0:
            x = dropout(x, module.dropout, module.training)
        x, final = run_layer(
            chosen == "native",
            kind,
            x,
            states[layer],
            weights[layer * D : (layer + 1) * D],
            embedding=embedding if layer == 0 else None,
            lengths=lengths,
            batch_sizes=batch_sizes,
        )
        finals.append(final)
    return x, finals[0] if L == 1 else tuple(torch.cat(s) for s in zip(*finals, strict=True))


def _permute(state: State, order: Tensor | None) -> State:
    return state if order is None else tuple(s.index_select(1, order) for s in state)


def _rank(x: Tensor, batched: int) -> int:
    """The dimensions of the input's vectors, `batched` for a batch. Ids lack the last one."""
    return x.dim() + (x.dim() < batched and whole(x))


def _check_rank(rank: int, state: State) -> None:
    for s in state:
        if s.dim() != rank:
            form = "batched 3-D" if rank == 3 else "unbatched 2-D"
            raise RuntimeError(f"initial state has {s.dim()} dimensions: a {form} input needs {rank}")


def _check_input(
    module: nn.RNNBase, weights: Sequence[Weights], x: Tensor, embedding: Tensor | None, *, ids: bool
) -> Tensor:
    """Check a batched input, and tell in which tensor its vectors are."""
    w_ih = weights[0].w_ih
    if embedding is not None and not ids:
        raise InputError("embedding given, and the input are vectors: give token ids, or leave embedding out")
    if ids and embedding is None:
        return w_ih  # one-hot vectors are in none; they are of its type
    name, vectors = ("input", x) if embedding is None else ("embedding", embedding)
    if vectors.dtype != w_ih.dtype and not (autocasting(x.device.type) and vectors.is_floating_point()):
        raise ValueError(f"{name} is {vectors.dtype} and the weights {w_ih.dtype}: use .to(…) on one of them")
    if ids and vectors.dim() != 2:
        raise InputError(f"embedding is {tuple(vectors.shape)}: give (tokens, {module.input_size})")
    if vectors.shape[-1] != module.input_size:
        raise RuntimeError(
            f"{name} has {vectors.shape[-1]} features: the module's input_size is {module.input_size}"
        )
    return vectors


def _initial(module: nn.RNNBase, vectors: Tensor, B: int, state: State | None) -> State:
    """The initial state: the given one, if its sizes and type are right, or zeros."""
    sizes = [module.proj_size or module.hidden_size]
    if module.mode == "LSTM":
        sizes.append(module.hidden_size)
    rows = module.num_layers * (2 if module.bidirectional else 1)
    if state is None:
        return tuple(vectors.new_zeros(rows, B, size) for size in sizes)
    for s, size in zip(state, sizes, strict=True):
        if s.shape != (rows, B, size):
            raise RuntimeError(f"initial state is {tuple(s.shape)}: it should be {(rows, B, size)}")
        if s.dtype != vectors.dtype and not autocasting(s.device.type):
            raise RuntimeError(
                f"initial state is {s.dtype} and input {vectors.dtype}: convert one to the other"
            )
    return state
