"""Windows of time series: some steps of history, and the steps after them that are to be forecast."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

_LARGEST_LOG = 200.0  # of a forecast; its exponential is still a number


@dataclass(frozen=True)
class Windows:
    """N windows, each in units of its own: standard deviations of a linear model's forecast.

    Attributes:
        history: (N, C, Dh) float32, of each step what a network reads.
        future: (N, H, Df) float32, of each step to be forecast what is known of it.
        targets: (N, H) float32, what came, in those units; NaN where it is missing.
        means: (N, H) the linear model's forecast.
        spreads: (N, H) its standard deviation.
        series: (N,) which series each is of, never falling.
        origins: (N,) how many of its values come before what is to be forecast.
        complete: (N,) whether the series goes on for the whole horizon.
        log: (N,) whether means and spreads are of the values' logarithm.
        floor: (N,) below which no value is.
    """

    history: NDArray[np.float32]
    future: NDArray[np.float32]
    targets: NDArray[np.float32]
    means: NDArray[np.float64]
    spreads: NDArray[np.float64]
    series: NDArray[np.int64]
    origins: NDArray[np.int64]
    complete: NDArray[np.bool_]
    log: NDArray[np.bool_]
    floor: NDArray[np.float64]

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """The windows of all parts, one at least."""
        return cls(*(np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(cls)))

    def __len__(self) -> int:
        return len(self.origins)

    @property
    def horizon(self) -> int:
        """H."""
        return int(self.targets.shape[1])

    def take(self, rows: NDArray[np.int64]) -> Self:
        """Some of the windows."""
        return replace(self, **{each.name: getattr(self, each.name)[rows] for each in fields(self)})

    def whole(self) -> Self:
        """Those whose series goes on for the whole horizon."""
        return self.take(np.flatnonzero(self.complete))

    def first(self, count: int) -> Self:
        """As many, evenly spread; all where there are fewer."""
        return self.take(np.unique(np.linspace(0, len(self) - 1, count).astype(np.int64)))

    def values(self, scaled: NDArray[np.float64]) -> NDArray[np.float64]:
        """Numbers (N, H, Q) in the windows' units in those of the data."""
        values = self.means[..., None] + self.spreads[..., None] * scaled
        exponentials = np.exp(np.minimum(values, _LARGEST_LOG))
        return np.maximum(np.where(self.log[:, None, None], exponentials, values), self.floor[:, None, None])
