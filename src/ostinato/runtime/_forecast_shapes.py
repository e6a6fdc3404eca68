"""The shape of a forecast's distribution, from what `ostinato.nn` learned of it."""

from collections.abc import Mapping, Sequence
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ostinato.runtime._student_t import student_t_quantiles

_LEVELS = (0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975)  # that were trained
_NORMAL_DEGREES = 30.0

# By kind, the arrays and their shapes.
SHAPE_ARRAYS: Mapping[str, Mapping[str, tuple[int, ...]]] = {
    "quantiles": {"shape.median": (1,), "shape.log_widths": (len(_LEVELS) - 1,)},
    "student-t": {"shape.degrees": (1,)},
}


def shape_quantiles(
    kind: str, arrays: Mapping[str, NDArray[Any]], levels: Sequence[float]
) -> NDArray[np.float64]:
    """(Q,) the quantiles of a distribution that is neither shifted nor made wider.

    Args:
        kind: "quantiles" or "student-t".
        arrays: by name, those of `SHAPE_ARRAYS`.
        levels: of the quantiles, between 0 and 1.
    """
    if kind == "student-t":
        degrees = 2 + float(np.logaddexp(0.0, _NORMAL_DEGREES + 10 * arrays["shape.degrees"][0]))
        return student_t_quantiles(degrees, levels) * float(np.sqrt((degrees - 2) / degrees))
    return _between(arrays["shape.median"], arrays["shape.log_widths"], levels)


def _between(median: NDArray[Any], log_widths: NDArray[Any], levels: Sequence[float]) -> NDArray[np.float64]:
    """Linear, between and beyond the trained levels, in the quantiles of the normal distribution."""
    knots = _normal_quantiles(_LEVELS)
    above = np.cumsum(np.diff(knots) * np.exp(log_widths))
    quantiles = np.concatenate([[0.0], above])
    quantiles += median - quantiles[len(quantiles) // 2]
    x = _normal_quantiles(levels)
    upper = np.searchsorted(knots, x).clip(1, len(knots) - 1)
    share = (x - knots[upper - 1]) / (knots[upper] - knots[upper - 1])
    return np.asarray(quantiles[upper - 1] + share * (quantiles[upper] - quantiles[upper - 1]))


def _normal_quantiles(levels: Sequence[float]) -> NDArray[np.float64]:
    return np.array([NormalDist().inv_cdf(level) for level in levels])
