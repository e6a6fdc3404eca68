"""One direction of one layer over a whole batch: the only door to the arithmetic.

Everything above this file (stacking, dropout, packing, shapes) asks `run_layer` and knows nothing of how it
computes.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from ostinato.nn._equations import STEPS, State, Step, Weights, input_projection


def run_layer(
    kind: str,
    x: Tensor,
    state: State,
    weights: Weights,
    *,
    reverse: bool = False,
    batch_sizes: Sequence[int] | None = None,
) -> tuple[Tensor, State]:
    """Run one direction of one layer.

    Args:
        kind: `rnn_tanh`, `rnn_relu`, `lstm` or `gru`.
        x: (T, B, I); or, with `batch_sizes`, the real steps alone, (sum of batch_sizes, I), laid out as in a
            `PackedSequence`: rows from the longest to the shortest, all first steps, all second steps, …
        state: The initial state, `(h,)` or `(h, c)`, each (B, ·).
        weights: The layer's parameters.
        reverse: Read from the last step to the first.
        batch_sizes: How many rows take part in each step; never growing. A row may take part in none.

    Returns:
        The outputs, laid out as `x`, and each row's state after its last step.
    """
    a = input_projection(kind, x, weights)
    if kind != "gru":
        # Under autocast torch's RNN and LSTM carry the state in the gates' type, its GRU in the state's own.
        state = tuple(s.to(a.dtype) for s in state)
    step = STEPS[kind](weights)
    if batch_sizes is None:
        return _dense(step, a, state, reverse)
    if not batch_sizes:
        return a.new_zeros(0, state[0].shape[1]), state
    walk = _growing if reverse else _shrinking
    return walk(step, a.split_with_sizes(batch_sizes), state)


def _dense(step: Step, a: Tensor, state: State, reverse: bool) -> tuple[Tensor, State]:
    """Every row takes part in every step."""
    steps, outputs = a.unbind(0), []
    for a_t in reversed(steps) if reverse else steps:
        state = step(a_t, state)
        outputs.append(state[0])
    if reverse:
        outputs.reverse()
    return torch.stack(outputs), state


def _shrinking(step: Step, steps: Sequence[Tensor], state: State) -> tuple[Tensor, State]:
    """Forward in time: rows leave at the bottom of the batch as they end."""
    outputs, ended = [], []
    for a_t in steps:
        n = len(a_t)
        if n < len(state[0]):
            ended.append(tuple(s[n:] for s in state))
            state = tuple(s[:n] for s in state)
        state = step(a_t, state)
        outputs.append(state[0])
    parts = [state, *reversed(ended)]
    return torch.cat(outputs), tuple(torch.cat(s) for s in zip(*parts, strict=True))


def _growing(step: Step, steps: Sequence[Tensor], initial: State) -> tuple[Tensor, State]:
    """Backward in time: rows join at the bottom of the batch, each at its own last step."""
    outputs = []
    state = tuple(s[:0] for s in initial)
    for a_t in reversed(steps):
        state = _join(state, initial, len(a_t))
        state = step(a_t, state)
        outputs.append(state[0])
    outputs.reverse()
    return torch.cat(outputs), _join(state, initial, len(initial[0]))


def _join(state: State, initial: State, n: int) -> State:
    """The state of n rows, those not yet in `state` being in their initial one."""
    rows = len(state[0])
    if n == rows:
        return state
    return tuple(torch.cat([s, s_0[rows:n]]) for s, s_0 in zip(state, initial, strict=True))
