"""All layers of a module by torch's own operators, which on a GPU are cuDNN's.

There a loop over time steps would wait for the start of each of its kernels. `lengths` asks no packing and no
sorting of the user here either.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ostinato.nn._equations import State, Weights
from ostinato.nn._lengths import plan
from ostinato.nn._one_hot import token_vectors, whole


def run_layers(
    module: nn.RNNBase,
    weights: Sequence[Weights],
    x: Tensor,
    state: State,
    embedding: Tensor | None = None,
    lengths: Tensor | None = None,
    batch_sizes: Tensor | None = None,
) -> tuple[Tensor, State]:
    """Run a stack of layers, with dropout between them while training.

    Args:
        module: Whose layers, for their kind, number, directions and dropout.
        weights: The parameters of each layer and direction.
        x: (T, B, I); or, with `batch_sizes`, (N, I). Or token ids, without the last dimension.
        state: `(h,)` or `(h, c)`, each (L·D, B, ·).
        embedding: (V, I), a vector for each token; default one-hot.
        lengths: (B,) int64 on the CPU, 0 to T. Default: all T.
        batch_sizes: (T,) int64 on the CPU, as of a `PackedSequence`.

    Returns:
        As `_layer.run_layer`, the output of the last layer and the states of all.
    """
    if whole(x):
        x = token_vectors(x, weights[0].w_ih, embedding)
    if lengths is None:
        return _run(module, weights, x, state, batch_sizes)
    T, B = x.shape[:2]
    packing = plan(lengths.tolist(), T, x.device)
    state = tuple(s.index_select(1, packing.order) for s in state)
    steps = torch.tensor(packing.batch_sizes, dtype=torch.int64)
    y, state = _run(module, weights, packing.pack(x), state, steps)
    return packing.pad(y, T, B), tuple(s.index_select(1, packing.inverse) for s in state)


def _run(
    module: nn.RNNBase, weights: Sequence[Weights], x: Tensor, state: State, batch_sizes: Tensor | None
) -> tuple[Tensor, State]:
    size = (module.proj_size or module.hidden_size) * (2 if module.bidirectional else 1)
    if batch_sizes is not None and len(batch_sizes) == 0:
        return x.new_zeros(0, size), state
    # Rows without a step, which come last, stay as they are: the operators know of none.
    taking_part = state[0].shape[1] if batch_sizes is None else int(batch_sizes[0])
    begin = tuple(s[:, :taking_part].contiguous() for s in state)
    operator = getattr(torch._VF, module.mode.lower())
    flat = [w for direction in weights for w in direction if w is not None]
    how = (flat, module.bias, module.num_layers, float(module.dropout), module.training, module.bidirectional)
    initial = begin if len(begin) == 2 else begin[0]
    if batch_sizes is None:
        y, *final = operator(x, initial, *how, False)
    else:
        y, *final = operator(x, batch_sizes, initial, *how)
    rest = [s[:, taking_part:] for s in state]
    return y, tuple(torch.cat(pair, dim=1) for pair in zip(final, rest, strict=True))
