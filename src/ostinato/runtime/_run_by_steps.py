"""Whole sequences, one step after the other: for weights whose arithmetic only steps have."""

import numpy as np
from numpy.typing import NDArray

from ostinato.kernels import Stack

Floats = NDArray[np.float32]


def run_direction(
    layer: Stack, x: Floats, lengths: NDArray[np.int64], state: tuple[Floats, ...], *, reverse: bool
) -> tuple[Floats, tuple[Floats, ...]]:
    """One direction of one layer.

    Args:
        layer: A stack of one layer.
        x: (T, B, I).
        lengths: (B,), each row's number of steps.
        state: (B, R), and (B, H) of an LSTM.
        reverse: From each row's last step to its first.

    Returns:
        y, (T, B, R), zero past a row's end; and the state after each row's last step.
    """
    T, B, _ = x.shape
    state = tuple([s.copy() for s in state])
    y = np.zeros((T, B, state[0].shape[1]), np.float32)
    for t in reversed(range(T)) if reverse else range(T):
        rows = np.flatnonzero(lengths > t)
        if not rows.size:
            continue
        y_t, after = layer.step(x[t, rows], tuple([s[np.newaxis, rows] for s in state]))
        y[t, rows] = y_t
        for s, new in zip(state, after, strict=True):
            s[rows] = new[0]
    return y, state
