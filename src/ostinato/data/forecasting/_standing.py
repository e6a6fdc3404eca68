"""Where a linear model stands in a series: what it has learned, and what it says of the steps ahead."""

import math
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from ostinato.data.forecasting._arma import Arma
from ostinato.data.forecasting._regression import Regression
from ostinato.data.forecasting._variance import LEAST_VARIANCE, Variance

_Array = NDArray[np.float64]


class Belief(NamedTuple):
    """What is known of a series under one model of the errors, their variance being 1.

    A Kalman filter regresses the innovations of the values on those of the terms; where no coefficient
    drifts, it is recursive least squares.

    Attributes:
        states: (2, p + 1) u and w of `Arma`, of each term and of the value: u is what the errors so far let
            expect in the next step.
        coefficients: (p,).
        covariance: (p, p), theirs.
        unknown: how many innovations to come will only tell the constant and the trend.
    """

    states: _Array
    coefficients: _Array
    covariance: _Array
    unknown: int

    @classmethod
    def before(cls, model: Regression) -> Self:
        """The first step of a series."""
        p = len(model.penalties)
        return cls(np.zeros((2, p + 1)), np.zeros(p), np.diag(1 / model.penalties), 1 + model.terms.trend)

    def after(self, errors: Arma, row: _Array, value: float, drifts: _Array) -> tuple["Belief", float, float]:
        """What is known a step later; the innovation, brought to variance 1; and the variance that it had.

        Args:
            errors: the model of the errors.
            row: (p,) the terms of the step.
            value: of the step, NaN if it is missing. Then there is no innovation: it is NaN, as those are
                that only tell the constant and the trend.
            drifts: (p,) by how much the variance of each coefficient grows with the step.
        """
        P = self.covariance
        if value != value:
            return (
                self._replace(states=errors.after(self.states), covariance=P + np.diag(drifts)),
                np.nan,
                1.0,
            )
        e = -self.states[0]
        e[:-1] += row
        e[-1] += value
        x = e[:-1]
        Px = P @ x
        f = max(1.0, 1.0 + float(x @ Px))
        error = float(e[-1] - x @ self.coefficients)
        P = P - (Px / f)[:, None] * Px
        P.flat[:: len(P) + 1] += drifts
        known = Belief(
            errors.after(self.states, e),
            self.coefficients + Px * (error / f),
            P,
            max(self.unknown - 1, 0),
        )
        return known, np.nan if self.unknown else error / f**0.5, f

    def ahead(self, errors: Arma, rows: _Array, drifts: _Array) -> tuple[_Array, _Array]:
        """Means and variances (H,) of the next steps, whose terms are `rows` (H, p)."""
        H = len(rows)
        expected = errors.decay(H) @ self.states
        R = rows - expected[:, :-1]
        variances = np.cumsum(errors.weights(H) ** 2) + ((R @ self.covariance) * R).sum(1)
        return expected[:, -1] + R @ self.coefficients, variances + np.arange(H) * (R * R @ drifts)


class Standing(NamedTuple):
    """The same under all models of the errors, and the innovations' variance. Values are centred and scaled.

    Attributes:
        beliefs: one for each of `Regression.errors`.
        variance: of the innovations.
    """

    beliefs: tuple[Belief, ...]
    variance: Variance

    @classmethod
    def before(cls, model: Regression) -> Self:
        """The first step of a series."""
        return cls((Belief.before(model),) * len(model.errors), Variance(model.variance))

    @property
    def deviation(self) -> float:
        """The standard deviation that is expected of the next innovation."""
        return math.sqrt(max(self.variance.value, LEAST_VARIANCE))

    def after(self, model: Regression, row: _Array, value: float) -> tuple["Standing", float, float]:
        """Where the model stands a step later.

        Args:
            model: of the series.
            row: (p,) the terms of the step.
            value: of the step, NaN if it is missing.

        Returns:
            The standing; by how many standard deviations the value surprised, NaN where that is not known;
            and the square of the innovation, NaN as well.
        """
        both = [
            belief.after(errors, row, value, model.drifts)
            for belief, errors in zip(self.beliefs, model.errors, strict=True)
        ]
        mixed = sum(weight * e for weight, (_, e, _) in zip(model.weights, both, strict=True))
        square = both[0][1] ** 2
        beliefs = tuple(belief for belief, _, _ in both)
        later = Standing(beliefs, self.variance.after(square, model.forgetting))
        return later, mixed / self.deviation, square

    def ahead(self, model: Regression, rows: _Array) -> tuple[_Array, _Array]:
        """Means and standard deviations (H,) of the next steps, whose terms are `rows` (H, p)."""
        both = [
            belief.ahead(errors, rows, model.drifts)
            for belief, errors in zip(self.beliefs, model.errors, strict=True)
        ]
        weights = np.array(model.weights)[:, None]
        means = sum(weights * [mean for mean, _ in both])
        variances = [variance * self.deviation**2 + np.square(mean - means) for mean, variance in both]
        return means, np.sqrt(sum(weights * variances))

    def rests(self, values: _Array, rows: _Array, context: int) -> _Array:
        """What the coefficients leave of the values (T,) before, whose terms are `rows` (T, p).

        Returns:
            (C,) in standard deviations of the innovations, the newest last; NaN where there is no value.
        """
        rests = np.full(context, np.nan)
        rests[context - len(values) :] = values - rows @ self.beliefs[0].coefficients
        return rests / self.deviation
