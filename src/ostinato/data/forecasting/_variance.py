"""How the variance of errors changes."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

LEAST_VARIANCE = 1e-18
_FORGETTING = (0.005, 0.01, 0.02, 0.04, 0.08)
_FIRST = 20  # errors that tell the variance at the beginning
_BEGUN_WITH = 2  # errors that it counts as
_DEGREES = 5.0  # of freedom of the Student-t distribution by which it is chosen: a few errors are large
_WORTH_IT = 3.0  # nats


class Variance(NamedTuple):
    """A mean in which a new square has the weight 1/n, or that of forgetting if it is more.

    Attributes:
        value: the mean.
        seen: n, of the squares so far.
    """

    value: float
    seen: int = _BEGUN_WITH

    def after(self, square: float, forgetting: float) -> "Variance":
        """With a further square; NaN is missing and changes nothing."""
        if square != square:
            return self
        weight = max(1 / (self.seen + 1), forgetting)
        return Variance(self.value + weight * (square - self.value), self.seen + 1)


def running_variance(squares: NDArray[np.float64], variance: float, forgetting: float) -> NDArray[np.float64]:
    """(T + 1,) what squares (T,), NaN where missing, are expected to be before each step.

    Args:
        squares: of innovations.
        variance: at the beginning.
        forgetting: as `Variance` has it.
    """
    expected = np.empty(len(squares) + 1)
    mean = Variance(variance)
    for t, square in enumerate(squares.tolist()):
        expected[t] = mean.value
        mean = mean.after(square, forgetting)
    expected[-1] = mean.value
    return np.maximum(expected, LEAST_VARIANCE)


def first_variance(squares: NDArray[np.float64]) -> float:
    """The mean of the first squares (T,), NaN where missing; 1 where there are none."""
    first = squares[~np.isnan(squares)][:_FIRST]
    return float(max(first.mean(), LEAST_VARIANCE)) if len(first) else 1.0


def choose_forgetting(squares: NDArray[np.float64]) -> float:
    """The forgetting under which squares (T,) are likeliest; 0 unless another is clearly better."""
    variance = first_variance(squares)
    judged = np.flatnonzero(~np.isnan(squares))[_FIRST:]

    def likelihood(forgetting: float) -> float:
        v = running_variance(squares, variance, forgetting)[judged]
        tail = np.log1p(squares[judged] / v / (_DEGREES - 2))
        return float(-(np.log(v) + (_DEGREES + 1) * tail).sum() / 2)

    best = max(_FORGETTING, key=likelihood)
    return best if likelihood(best) > likelihood(0.0) + _WORTH_IT else 0.0
