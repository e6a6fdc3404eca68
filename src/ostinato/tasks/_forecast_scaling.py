"""The level and the scale of a window, by its history alone: series of any size look alike to a network."""

import numpy as np
from numpy.typing import NDArray

LIMIT = 100.0  # scales; a value further off is taken to be that far off


def window_scale(
    history: NDArray[np.float64], seasons: tuple[int, ...]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The mean of the newest season, or of all where there is none, and the mean distance of all from it.

    Args:
        history: (C, B), NaN where missing; there is something in each column.
        seasons: the steps of each season, the strongest first.

    Returns:
        (B,) level and (B,) scale, above 0 also of a constant history.
    """
    newest = history[-seasons[0] :] if seasons else history
    level = _mean(newest)
    level = np.where(np.isnan(level), _mean(history), level)
    scale = _mean(np.abs(history - level))
    least = 1e-6 * np.maximum(np.abs(level), 1e-6)
    return level, np.where(scale > least, scale, np.maximum(np.abs(level), least))


def _mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """(B,) of what is not missing; NaN where all is."""
    present = ~np.isnan(values)
    count = np.where(present.any(0), present.sum(0), np.nan)
    return np.asarray(np.where(present, values, 0.0).sum(0) / count)
