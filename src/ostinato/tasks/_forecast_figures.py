"""How good forecasts are: MASE, RMSSE, pinball loss and coverage.

Errors are measured against those of the seasonal naive forecast within the history, so that series of any
scale count alike (Hyndman and Koehler 2006, "Another look at measures of forecast accuracy"; RMSSE:
Makridakis et al. 2022, "The M5 competition").
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ostinato.tasks._naive_forecasts import Predicted
from ostinato.training import Figures

LEVELS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)  # of the pinball loss and the interval


class Truth(NamedTuple):
    """What came, after N origins, and how far off a seasonal naive forecast used to be before each.

    Attributes:
        values: (N, H), NaN where missing.
        absolute: (N,) mean absolute error of the seasonal naive forecast one season ahead, up to the origin.
        square: (N,) mean squared error of the same.
    """

    values: NDArray[np.float64]
    absolute: NDArray[np.float64]
    square: NDArray[np.float64]


def forecast_figures(truth: Truth, predicted: Predicted) -> Figures:
    """The figures of forecasts whose quantiles are at `LEVELS`; missing values are not scored.

    Returns:
        `mase`, `rmsse`, where any history is other than constant; `pinball`, in the data's units: the mean of
        max(τ e, (τ - 1) e) over the levels τ; `coverage`, of the interval from level 0.05 to 0.95.
    """
    errors = truth.values - predicted.points
    low, high = predicted.quantiles[..., 0], predicted.quantiles[..., -1]
    present = ~np.isnan(truth.values)
    inside = (low <= truth.values) & (truth.values <= high)
    return {
        **_scaled("mase", np.abs(errors), truth.absolute),
        **_scaled("rmsse", np.sqrt(_row_means(np.square(errors)))[:, None], np.sqrt(truth.square)),
        "pinball": float(np.nanmean(pinball(truth.values, predicted.quantiles, LEVELS))),
        "coverage": float(inside[present].mean()),
    }


def pinball(
    values: NDArray[np.float64], quantiles: NDArray[np.float64], levels: Sequence[float]
) -> NDArray[np.float64]:
    """(…) the mean over the levels (Q,) of the pinball loss of quantiles (…, Q) of values (…)."""
    errors = values[..., None] - quantiles
    losses = np.maximum(np.asarray(levels) * errors, (np.asarray(levels) - 1) * errors)
    return np.asarray(losses.mean(-1))


def seasonal_errors(
    values: NDArray[np.float64], origins: NDArray[np.int64], season: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean absolute and mean squared seasonal difference up to each origin, as `Truth` has them.

    Args:
        values: (T,) of one series, NaN where missing.
        origins: (N,) from 1 to T: how many of them are history.
        season: the steps of a season, 1 being none.

    Returns:
        (N,) and (N,), NaN where there is no difference in the history.
    """
    differences = values[season:] - values[:-season]
    present = ~np.isnan(differences)
    differences = np.where(present, np.abs(differences), 0.0)
    upto = (origins - season).clip(0, len(differences))
    count = np.concatenate([[0], np.cumsum(present)])[upto].astype(np.float64)
    count[count == 0] = np.nan
    absolute, square = (np.concatenate([[0.0], np.cumsum(x)])[upto] for x in (differences, differences**2))
    return absolute / count, square / count


def _scaled(name: str, errors: NDArray[np.float64], scales: NDArray[np.float64]) -> Figures:
    """The mean of errors (N, …) as multiples of scales (N,), of those that there are."""
    scalable = scales > 0  # a constant history says nothing of what a small error is
    ratios = errors[scalable] / scales[scalable, None]
    ratios = ratios[~np.isnan(ratios)]
    return {name: float(ratios.mean())} if len(ratios) else {}


def _row_means(squares: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N,) mean of each row (N, H) over what is not missing; NaN where nothing is there."""
    present = ~np.isnan(squares)
    count = present.sum(1).astype(np.float64)
    count[count == 0] = np.nan
    return np.asarray(np.where(present, squares, 0.0).sum(1) / count)
