"""One layer over a whole batch in readable torch operations.

What the native kernels are tested against, and what runs wherever they do not apply: every device and type,
every transform, gradients of gradients.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from ostinato.nn._equations import STEPS, State, Step, Weights, input_projection
from ostinato.nn._lengths import plan
from ostinato.nn._one_hot import token_vectors, whole


def run_layer(
    kind: str,
    x: Tensor,
    state: State,
    weights: Sequence[Weights],
    *,
    embedding: Tensor | None = None,
    lengths: Tensor | None = None,
    batch_sizes: Tensor | None = None,
) -> tuple[Tensor, State]:
    """Run a layer step by step. Arguments and results are those of `_layer.run_layer`."""
    if lengths is not None:
        T, B = x.shape[:2]
        packing = plan(lengths.tolist(), T, x.device)
        state = tuple(s.index_select(1, packing.order) for s in state)
        y, state = _run(kind, packing.pack(x), state, weights, embedding, packing.batch_sizes)
        return packing.pad(y, T, B), tuple(s.index_select(1, packing.inverse) for s in state)
    return _run(kind, x, state, weights, embedding, None if batch_sizes is None else batch_sizes.tolist())


def _run(
    kind: str,
    x: Tensor,
    state: State,
    weights: Sequence[Weights],
    embedding: Tensor | None,
    batch_sizes: Sequence[int] | None,
) -> tuple[Tensor, State]:
    if whole(x):
        x = token_vectors(x, weights[0].w_ih, embedding)
    states = zip(*(s.unbind(0) for s in state), strict=True)
    runs = [
        _direction(kind, x, initial, w, reverse, batch_sizes)
        for initial, w, reverse in zip(states, weights, (False, True), strict=False)
    ]
    outputs, finals = zip(*runs, strict=True)
    y = torch.cat(outputs, dim=-1) if len(outputs) > 1 else outputs[0]
    return y, tuple(torch.stack(s) for s in zip(*finals, strict=True))


def _direction(
    kind: str, x: Tensor, state: State, weights: Weights, reverse: bool, batch_sizes: Sequence[int] | None
) -> tuple[Tensor, State]:
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
