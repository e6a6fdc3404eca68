"""Quantiles of Student's t distribution."""

from collections.abc import Sequence
from math import exp, lgamma, pi, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(64)
_STEPS = 200
_NORMAL = 1e6  # degrees of freedom with which it is not told from a normal distribution


def student_t_quantiles(degrees: float, levels: Sequence[float]) -> NDArray[np.float64]:
    """(Q,) the values that are not exceeded with these probabilities.

    With t = √ν tan θ the probability of being between 0 and t is c ∫ cos^(ν-1) over the angles up to θ. That
    is integrated by the rule of Gauss and Legendre, and θ found by Newton's method: the integral is concave,
    so from 0 each step stays below the angle that is looked for.

    Args:
        degrees: ν, of freedom, 1 or more.
        levels: between 0 and 1.
    """
    if degrees > _NORMAL:
        return np.array([NormalDist().inv_cdf(level) for level in levels])
    half = exp(lgamma(degrees / 2) - lgamma((degrees + 1) / 2)) * sqrt(pi) / 2  # the integral up to π/2
    return np.array([_quantile(degrees, level, half) for level in levels])


def _quantile(degrees: float, level: float, half: float) -> float:
    target = abs(level - 0.5) * 2 * half
    angle = 0.0
    for _ in range(_STEPS):
        nodes = angle * (1 + _NODES) / 2
        integral = angle / 2 * float(_WEIGHTS @ np.cos(nodes) ** (degrees - 1))
        step = (target - integral) / np.cos(angle) ** (degrees - 1)
        angle += step
        if step <= 1e-15 * angle:
            break
    return float(np.copysign(sqrt(degrees) * np.tan(angle), level - 0.5))
