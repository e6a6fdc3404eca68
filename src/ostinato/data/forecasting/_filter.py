"""One pass of a linear model over a series: what it would have forecast from each origin."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ostinato.data.forecasting._arma import Arma
from ostinato.data.forecasting._regression import Regression
from ostinato.data.forecasting._standing import Belief, Standing


class Filtered(NamedTuple):
    """A series as its model saw it coming, each step by what was before it alone.

    Attributes:
        surprises: (T,) how far each value was from its forecast, in standard deviations; 0 where missing.
        squares: (T,) of innovations, each brought to the same variance; NaN where missing, or not yet known.
        deviations: (T + 1,) of the innovations, as expected before each step.
        means: (N, H) forecasts from N origins.
        spreads: (N, H) their standard deviations.
        rests: (N, C) of the last steps before each origin what the regression leaves, with the coefficients
            that it has at the origin, in innovations' standard deviations; NaN where missing.
    """

    surprises: NDArray[np.float64]
    squares: NDArray[np.float64]
    deviations: NDArray[np.float64]
    means: NDArray[np.float64]
    spreads: NDArray[np.float64]
    rests: NDArray[np.float64]


def run_filter(
    model: Regression,
    values: NDArray[np.float64],
    covariates: NDArray[np.float32],
    origins: NDArray[np.int64],
    horizon: int,
    context: int = 0,
) -> Filtered:
    """Forecast a series from some origins.

    Args:
        model: of the series.
        values: (T,), NaN where missing.
        covariates: (S, K), with a row for each step there is, and for each that is forecast.
        origins: (N,) rising, from 0 to T: how many values come before each.
        horizon: H.
        context: C, steps before each origin whose rests are wanted.
    """
    T, N = len(values), len(origins)
    scaled = (values - model.centre) / model.scale
    rows = model.terms.rows(np.arange(len(covariates)), covariates)
    surprises, squares, deviations = np.empty(T), np.empty(T), np.empty(T + 1)
    means, spreads = np.empty((2, N, horizon))
    rests = np.empty((N, context))
    position = {origin: index for index, origin in enumerate(origins.tolist())}
    standing = Standing.before(model)
    for t, value in enumerate([*scaled.tolist(), None]):
        deviations[t] = standing.deviation
        if t in position:
            at = position[t]
            means[at], spreads[at] = standing.ahead(model, rows[t : t + horizon])
            rests[at] = standing.rests(
                scaled[max(0, t - context) : t], rows[max(0, t - context) : t], context
            )
        if value is not None:
            standing, surprises[t], squares[t] = standing.after(model, rows[t], value)
    return Filtered(
        np.nan_to_num(surprises),
        squares,
        deviations,
        means * model.scale + model.centre,
        spreads * model.scale,
        rests,
    )


def log_evidence(
    model: Regression, errors: Arma, values: NDArray[np.float64], covariates: NDArray[np.float32]
) -> float:
    """The logarithm of the probability of values (T,), up to what models of the same terms share.

    That of all after those that only tell the constant and the trend, with the errors' variance integrated
    out.
    """
    scaled = (values - model.centre) / model.scale
    rows = model.terms.rows(np.arange(len(values)), covariates[: len(values)])
    belief, count, logs, squares = Belief.before(model), 0, 0.0, 1e-300
    for row, value in zip(rows, scaled.tolist(), strict=True):
        belief, innovation, variance = belief.after(errors, row, value, model.drifts)
        if innovation == innovation:
            count, logs, squares = count + 1, logs + math.log(variance), squares + innovation**2
    return -(logs + count * math.log(squares / max(count, 1))) / 2
