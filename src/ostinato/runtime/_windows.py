"""Windows of a series of numbers: the twin of `ostinato.nn`'s, without torch."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ostinato.data import Stride
from ostinato.runtime._linear import Floats

_LIMIT = 10.0  # standard deviations; what changes more is taken to change so much


def windows(x: Floats, lengths: NDArray[np.int64], stride: Stride) -> tuple[Floats, NDArray[np.int64]]:
    """Every so many steps, the steps around and how they changed.

    Beyond a row's ends its first and its last step go on; padding is not read.

    Args:
        x: (T, B, D).
        lengths: (B,) 1 to T.
        stride: of s steps.

    Returns:
        (⌈T / s⌉, B, 4·s·D), and ⌈lengths / s⌉.
    """
    at, s = np.arange(len(x)), stride.steps
    scale = np.asarray(stride.changes, np.float32)
    changes = (x - _steps(x, at - s, lengths)) / scale
    steps = np.concatenate([x, changes.clip(-_LIMIT, _LIMIT)], -1)
    centres = at[::s] + s // 2
    around = _steps(steps, centres[:, None] + np.arange(-s, s), lengths)  # (n, 2 s, B, 2 D)
    moved = np.ascontiguousarray(around.swapaxes(1, 2))
    return moved.reshape(*moved.shape[:2], -1), (lengths + s - 1) // s


def _steps(x: Floats, at: NDArray[Any], lengths: NDArray[np.int64]) -> Floats:
    """The steps of each row of (T, B, D) at times (…), as (…, B, D)."""
    rows = np.arange(x.shape[1])
    steps: Floats = x[np.minimum(np.maximum(at, 0)[..., None], lengths - 1), rows]
    return steps
