"""What a series is regressed on: a trend, the waves of its seasons, and covariates."""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

_HARMONICS = 84  # of a season, at most


@dataclass(frozen=True)
class Terms:
    """The columns of a linear model: 1; t; cos and sin 2πkt/m of each season m; covariates.

    Attributes:
        seasons: the steps m of each season.
        trend: whether there is a column t.
        covariates: how many columns are given from outside.
        growth: the share of its first size by which the seasons grow in each step; 0: they do not.
    """

    seasons: tuple[int, ...]
    trend: bool
    covariates: int
    growth: float = 0.0

    @cached_property
    def waves(self) -> dict[Fraction, int]:
        """Each frequency, in turns per step, once; and which harmonic of its season it is."""
        return {
            Fraction(k, m): k
            for m in sorted(self.seasons, reverse=True)
            for k in range(min(m // 2, _HARMONICS), 0, -1)
        }

    def rows(self, steps: NDArray[np.int64], covariates: NDArray[np.float32]) -> NDArray[np.float64]:
        """(T, p) the columns at steps (T,) with these covariates (T, K)."""
        turns = 2 * np.pi * np.outer(steps, [float(frequency) for frequency in self.waves])
        seasonal = np.concatenate([np.cos(turns), np.sin(turns[:, self._turning])], axis=1)
        seasonal *= 1 + self.growth * steps[:, None]
        trend = steps[:, None][:, : int(self.trend)]
        return np.concatenate([np.ones((len(steps), 1)), trend, seasonal, covariates], axis=1)

    def penalties(self, ridge: float, slope: float) -> NDArray[np.float64]:
        """(p,) σ² ÷ the variance of each coefficient before anything is known of it.

        Args:
            ridge: of a season's first harmonic; the k-th has k² times as much, for most seasons are smooth.
            slope: the standard deviation of the trend's, in those of the errors.
        """
        trend = [1 / slope**2] if self.trend else []
        return np.concatenate([[1e-8], trend, ridge * self._roughness, np.full(self.covariates, 0.01)])

    def drifts(self, drift: float) -> NDArray[np.float64]:
        """(p,) by how much the variance of each coefficient grows with a step, in those of the errors.

        Args:
            drift: the standard deviation of what is added to a season's first harmonic; the k-th changes by
                1/k as much.
        """
        seasonal = drift**2 / self._roughness
        return np.concatenate([np.zeros(1 + self.trend), seasonal, np.zeros(self.covariates)])

    @cached_property
    def _turning(self) -> NDArray[np.bool_]:
        """Which waves have a sine: not the one that is up and down in turn."""
        return np.array([frequency != Fraction(1, 2) for frequency in self.waves], bool)

    @cached_property
    def _roughness(self) -> NDArray[np.float64]:
        """k² of each seasonal column."""
        k = np.array(list(self.waves.values()), np.float64)
        return np.concatenate([k, k[self._turning]]) ** 2
