"""How the variance of errors changes."""

import numpy as np
from numpy.typing import NDArray

_FORGETTING = (0.005, 0.01, 0.02, 0.04, 0.08)
_FIRST = 20  # errors that tell the variance at the beginning
_BEGUN_WITH = 2  # errors that it counts as
_DEGREES = 5.0  # of freedom of the Student-t distribution by which it is chosen: a few errors are large
_WORTH_IT = 3.0  # nats


def running_variance(squares: NDArray[np.float64], variance: float, forgetting: float) -> NDArray[np.float64]:
    """(T + 1,) what squares (T,), NaN where missing, are expected to be before each step.

    A mean in which a new one has the weight 1/n, or `forgetting` if that is more.
    """
    expected = np.empty(len(squares) + 1)
    count = _BEGUN_WITH
    for t, square in enumerate(squares.tolist()):
        expected[t] = variance
        if square == square:
            count += 1
            variance += max(1 / count, forgetting) * (square - variance)
    expected[-1] = variance
    return np.maximum(expected, 1e-18)


def first_variance(squares: NDArray[np.float64]) -> float:
    """The mean of the first squares (T,), NaN where missing; 1 where there are none."""
    first = squares[~np.isnan(squares)][:_FIRST]
    return float(max(first.mean(), 1e-18)) if len(first) else 1.0


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
