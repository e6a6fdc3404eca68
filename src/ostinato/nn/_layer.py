"""One layer over a whole batch: the only door to the arithmetic.

Everything above this file (stacking, dropout, packing, shapes) asks `run_layer` and knows nothing of how it
computes.
"""

from collections.abc import Sequence

from torch import Tensor

from ostinato.nn import _ops, _readable
from ostinato.nn._equations import State, Weights


def run_layer(
    native: bool,
    kind: str,
    x: Tensor,
    state: State,
    weights: Sequence[Weights],
    *,
    embedding: Tensor | None = None,
    lengths: Tensor | None = None,
    batch_sizes: Tensor | None = None,
) -> tuple[Tensor, State]:
    """Run both directions of a layer, or its only one.

    Args:
        native: Whether on the native kernels, which take float32 on the CPU.
        kind: `rnn_tanh`, `rnn_relu`, `lstm` or `gru`.
        x: (T, B, I); or, with `batch_sizes`, the real steps alone, (sum of batch_sizes, I), laid out as in a
            `PackedSequence`: rows from the longest to the shortest, all first steps, all second steps, …
            Or token ids, int64, without the last dimension: they stand for one-hot vectors, or for rows of
            the `embedding`.
        state: The initial state, `(h,)` or `(h, c)`, each (D, B, ·): D directions.
        weights: The parameters of each direction.
        embedding: (V, I), a vector for each token.
        lengths: (B,) int64 on the CPU, 0 to T: how many steps of each row are real. Default: all.
        batch_sizes: (T,) int64 on the CPU, how many rows take part in each step; never growing. A row may
            take part in none.

    Returns:
        The outputs, (T, B, D·R) or (N, D·R) as `x`, zero past a row's length; and each row's state after its
        last step, shaped as `state`.
    """
    run = _ops.run_layer if native else _readable.run_layer
    return run(kind, x, state, weights, embedding=embedding, lengths=lengths, batch_sizes=batch_sizes)
