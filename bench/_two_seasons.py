"""A series made of two seasons, a trend and noise, whose distribution is known at every step."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Self

import numpy as np
from numpy.typing import NDArray

DAY, WEEK = 24, 168  # hours
HARMONICS = 3  # of each season
START = np.datetime64("2024-01-01T00", "h")


@dataclass(frozen=True)
class TwoSeasons:
    """Hourly values, Gaussian around a mean.

    Attributes:
        values: (T,) mean plus noise.
        mean: (T,) trend, daily and weekly season.
        noise: its standard deviation.
    """

    values: NDArray[np.float64]
    mean: NDArray[np.float64]
    noise: float

    @classmethod
    def made(cls, steps: int, random: np.random.Generator) -> Self:
        """A trend that rises by a week's amplitude over all steps, and seasons of random shapes."""
        time = np.arange(steps)
        mean = 100 + 4 * time / steps + season(time, DAY, 4.0, random) + season(time, WEEK, 4.0, random)
        noise = 1.0
        return cls(mean + random.normal(0, noise, steps), mean, noise)

    @property
    def hours(self) -> list[str]:
        """When each value was."""
        return [str(hour) for hour in START + np.arange(len(self.values))]

    def quantiles(self, levels: Sequence[float]) -> NDArray[np.float64]:
        """Those of the distributions that the values were drawn from: (T, Q)."""
        noise = NormalDist(0, self.noise)
        return self.mean[:, None] + [noise.inv_cdf(level) for level in levels]


def season(
    time: NDArray[np.int64], period: int, height: float, random: np.random.Generator
) -> NDArray[np.float64]:
    """A wave of that period and root mean square, of random harmonics: (T,)."""
    angles = 2 * np.pi * np.outer(time, np.arange(1, HARMONICS + 1)) / period
    sine, cosine = random.normal(size=(2, HARMONICS)) / np.arange(1, HARMONICS + 1)
    wave = np.sin(angles) @ sine + np.cos(angles) @ cosine
    return np.asarray(height * wave / np.sqrt((sine**2 + cosine**2).sum() / 2))
