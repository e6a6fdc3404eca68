"""One time series on a regular grid of times, with what goes along with it."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ostinato.data._frequency import Times


@dataclass(frozen=True)
class Series:
    """A value for each of T steps, and covariates, some of them known for another F steps.

    Attributes:
        name: "" for a lone series that has none.
        times: (T + F,) datetime64[s], or int64 for numbered steps, without holes.
        values: (T,) float64, NaN where missing.
        known: (T + F, K) float64, NaN where missing: covariates known ahead, such as holidays.
        past: (T, P) float64, NaN where missing: covariates known only as far as the values are.
        gaps: those of the first T times that had no row, in order.
    """

    name: str
    times: Times
    values: NDArray[np.float64]
    known: NDArray[np.float64]
    past: NDArray[np.float64]
    gaps: Times

    def __len__(self) -> int:
        """T."""
        return len(self.values)

    def until(self, length: int) -> "Series":
        """The first `length` values; the times and what is known stay as they are."""
        gaps = self.gaps[np.searchsorted(self.times, self.gaps) < length]
        return replace(self, values=self.values[:length], past=self.past[:length], gaps=gaps)

    def since(self, begin: int) -> "Series":
        """What comes from step `begin` on."""
        return Series(
            self.name,
            self.times[begin:],
            self.values[begin:],
            self.known[begin:],
            self.past[begin:],
            self.gaps[np.searchsorted(self.times, self.gaps) >= begin],
        )
