"""One pass of a linear model over a series: what it would have forecast from each origin."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ostinato.data.forecasting._arma import Arma, innovations
from ostinato.data.forecasting._regression import Regression
from ostinato.data.forecasting._variance import running_variance


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


class _Part(NamedTuple):
    """The same with one model of the errors, the errors' variance being 1."""

    innovations: NDArray[np.float64]
    means: NDArray[np.float64]
    variances: NDArray[np.float64]
    coefficients: NDArray[np.float64]


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
    scaled = (values - model.centre) / model.scale
    rows = model.terms.rows(np.arange(len(covariates)), covariates)
    parts = [_recurse(model, errors, scaled, rows, origins, horizon) for errors in model.errors]
    first = parts[0]
    squares = np.square(first.innovations)
    deviations = np.sqrt(running_variance(squares, model.variance, model.forgetting))
    weights = np.array(model.weights)
    mixed = np.tensordot(weights, [part.innovations for part in parts], 1)
    means = np.tensordot(weights, [part.means for part in parts], 1)
    variances = np.tensordot(
        weights,
        [
            part.variances * np.square(deviations[origins])[:, None] + np.square(part.means - means)
            for part in parts
        ],
        1,
    )
    rests = _rests(scaled, rows, first.coefficients, origins, context)
    return Filtered(
        np.nan_to_num(mixed / deviations[:-1]),
        squares,
        deviations,
        means * model.scale + model.centre,
        np.sqrt(variances) * model.scale,
        rests / deviations[origins][:, None],
    )


def _recurse(
    model: Regression,
    errors: Arma,
    values: NDArray[np.float64],
    rows: NDArray[np.float64],
    origins: NDArray[np.int64],
    horizon: int,
) -> _Part:
    """Recursive least squares of the innovations of the values on those of the regression's terms."""
    T, observed = len(values), ~np.isnan(values)
    columns = np.column_stack([rows[:T], np.where(observed, values, 0.0)])
    e, u = (each[:, 0] for each in innovations(columns, observed, [errors]))
    B, P = np.zeros(rows.shape[1]), np.diag(1 / model.penalties)
    standardised = np.full(T, np.nan)
    means, variances = np.empty((2, len(origins), horizon))
    coefficients = np.empty((len(origins), len(B)))
    decay, psi = errors.phi ** np.arange(horizon), np.cumsum(errors.weights(horizon) ** 2)
    position = {origin: index for index, origin in enumerate(origins.tolist())}
    unknown = 1 + model.terms.trend  # innovations that only tell the constant and the trend
    for t in range(T + 1):
        if t in position:
            R = rows[t : t + horizon] - decay[:, None] * u[t, :-1]
            means[position[t]] = decay * u[t, -1] + R @ B
            variances[position[t]] = psi + ((R @ P) * R).sum(1)
            coefficients[position[t]] = B
        if t < T and observed[t]:
            x = e[t, :-1]
            Px = P @ x
            f = max(1.0, 1.0 + float(x @ Px))
            error = e[t, -1] - x @ B
            B = B + Px * (error / f)
            P -= np.outer(Px / f, Px)
            unknown -= 1
            if unknown < 0:
                standardised[t] = error / np.sqrt(f)
    return _Part(standardised, means, variances, coefficients)


def _rests(
    values: NDArray[np.float64],
    rows: NDArray[np.float64],
    coefficients: NDArray[np.float64],
    origins: NDArray[np.int64],
    context: int,
) -> NDArray[np.float64]:
    """(N, C) what the coefficients (N, p) known at each origin leave of the values before it."""
    rests = np.full((len(origins), context), np.nan)
    for index, (origin, B) in enumerate(zip(origins.tolist(), coefficients, strict=True)):
        begin = max(0, origin - context)
        rests[index, context - (origin - begin) :] = values[begin:origin] - rows[begin:origin] @ B
    return rests
