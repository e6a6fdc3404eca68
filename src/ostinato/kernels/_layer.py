"""A layer over a batch of sequences: checks what it is given, and hands it to the kernels.

Letters: T steps, B rows, N real steps of all rows together, I inputs, H hidden units, R outputs of a step (H,
or the LSTM's projection), D directions, V tokens.
"""

from collections.abc import Sequence

from ostinato.kernels import _native
from ostinato.kernels._arrays import Array, given, given_sequence, wanted, wanted_sequence
from ostinato.kernels._call import Ids, Problem
from ostinato.kernels._cells import Kind, Weights
from ostinato.kernels._kept import Kept
from ostinato.kernels._states import State


def forward(
    kind: Kind,
    x: Array | Ids,
    states: Sequence[State],
    weights: Sequence[Weights],
    *,
    y: Array,
    finals: Sequence[State],
    kept: Sequence[Kept] | None = None,
    reverse: Sequence[bool] = (False,),
    lengths: Ids | None = None,
    batch_sizes: Ids | None = None,
    embedding: Array | None = None,
    threads: int = 1,
) -> None:
    """Run one layer, one direction or both.

    Every float array is float32. Inputs are only read, and are copied if they lie in memory in another way
    than is said here. Outputs are the caller's: `y`, `finals` and `kept` are written, and nothing else
    may lie between their first and their last element.

    Args:
        kind: Which cell.
        x: (T, B, I), vectors that are each contiguous, so that a batch-first array's transpose will do; or
            with `batch_sizes` (N, I), as in a PackedSequence. Or int64 tokens, (T, B) or (N): the input is
            then one-hot, with I = V, or the tokens' rows of `embedding`. Padding is never read.
        states: The initial state, for each direction `(h,)` or `(h, c)`; (B, R) and (B, H).
        weights: The parameters, for each direction.
        y: (T, B, D·R) or (N, D·R), the outputs; zero in the padding. Vectors that are each contiguous.
        finals: As `states`: the state after each row's last step.
        kept: For each direction what `backward` needs, of the sizes that `kept_sizes` tells for T·B slots, or
            N; the first ones are written, as many as there are real steps. None: there will be no `backward`.
        reverse: For each direction, whether it reads from each row's last real step to its first.
        lengths: (B) int64, each row's number of steps, 0 to T, in any order. None: every row has T.
        batch_sizes: (T) int64, how many rows take part in each step; never growing.
        embedding: (V, I), the vectors of tokens.
        threads: How many threads to use at most. The results are the same to the last bit.

    Raises:
        TypeError: Something is not an array of the dtype it should be.
        ValueError: Shapes do not fit together; an output is read-only, not contiguous, or overlaps something.
        InputError: There is no such cell; a token, a length or a batch size is out of range; OSTINATO_ISA
            names an instruction set that this machine does not have.
        MemoryError: There is no memory for intermediate results.
    """
    layer = Problem(kind, x, states, weights, reverse, lengths, batch_sizes, embedding, threads)
    _native.forward(
        layer.call,
        layer.reverse,
        layer.weights,
        layer.states,
        wanted_sequence("y", y, layer.y_shape),
        layer.each_state(wanted, "finals", finals),
        (None,) * len(weights) if kept is None else layer.each_kept(wanted, kept),
    )


def backward(
    kind: Kind,
    x: Array | Ids,
    states: Sequence[State],
    weights: Sequence[Weights],
    *,
    y: Array,
    kept: Sequence[Kept],
    dy: Array,
    dfinals: Sequence[State],
    dx: Array | None,
    dstates: Sequence[State],
    dweights: Sequence[Weights],
    dembedding: Array | None = None,
    reverse: Sequence[bool] = (False,),
    lengths: Ids | None = None,
    batch_sizes: Ids | None = None,
    embedding: Array | None = None,
    threads: int = 1,
) -> None:
    """Backpropagation through time (Werbos 1990) for what `forward` ran.

    As there, outputs are the caller's, are completely written and have nothing else between their elements.

    Args:
        kind: As `forward` was given.
        x: As `forward` was given.
        states: As `forward` was given.
        weights: As `forward` was given.
        y: As `forward` left it.
        kept: As `forward` left it.
        dy: As `y`, the loss's gradient of the outputs; the padding's is not read.
        dfinals: As `finals`, that of the final state.
        dx: Out: as `x`; zero in the padding. None: not wanted, or `x` is tokens.
        dstates: Out: as `states`.
        dweights: Out: as `weights`, with None for what is not wanted.
        dembedding: Out: (V, I). None: not wanted.
        reverse: As `forward` was given.
        lengths: As `forward` was given.
        batch_sizes: As `forward` was given.
        embedding: As `forward` was given.
        threads: How many threads to use at most; gradients are the same to the last bit for as many threads.

    Raises:
        TypeError, ValueError, InputError, MemoryError: As `forward`.
    """
    layer = Problem(kind, x, states, weights, reverse, lengths, batch_sizes, embedding, threads)
    if dx is not None and layer.call.x is None:
        raise ValueError("dx is given, and x is tokens, which have no gradient: leave it None")
    if dembedding is not None and embedding is None:
        raise ValueError("dembedding is given, and embedding is not: leave it None")
    _native.backward(
        layer.call,
        layer.reverse,
        layer.weights,
        layer.states,
        given_sequence("y", y, layer.y_shape),
        layer.each_kept(given, kept),
        given_sequence("dy", dy, layer.y_shape),
        layer.each_state(given, "dfinals", dfinals),
        None if dx is None else wanted_sequence("dx", dx, x.shape),
        layer.each_state(wanted, "dstates", dstates),
        layer.each_gradient(dweights),
        None
        if embedding is None or dembedding is None
        else wanted("dembedding", dembedding, embedding.shape),
    )
