"""One time series on a regular grid of times, with what goes along with it."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ostinato.data._frequency import Frequency, Times


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

    @classmethod
    def of_rows(
        cls,
        name: str,
        frequency: Frequency,
        times: Times,
        values: NDArray[np.float64],
        known: NDArray[np.float64],
        past: NDArray[np.float64],
    ) -> Self:
        """The series of some rows on the grid of a frequency that begins at the first of them.

        Steps without a row are missing, in all columns. Steps before the first value or after the last are
        left out, but for those with known covariates after it.

        Args:
            name: of the series.
            frequency: the distance of its steps.
            times: (N,) of the rows, rising, each a step of the frequency after the first.
            values: (N,) NaN where missing; of one at least there is a value.
            known: (N, K) NaN where missing.
            past: (N, P) NaN where missing.
        """
        first, last = np.flatnonzero(~np.isnan(values))[[0, -1]]
        end = np.flatnonzero(~np.isnan(known).all(1)).max(initial=last) + 1
        steps = frequency.steps(times[first], times[first:end])
        grid = frequency.at(times[first], np.arange(steps[-1] + 1))
        length = int(steps[last - first]) + 1
        spread = [_spread(each[first:end], steps) for each in (values, known, past)]
        gaps = np.delete(grid[:length], steps[steps < length])
        return cls(name, grid, spread[0][:length], spread[1], spread[2][:length], gaps)

    def __len__(self) -> int:
        """T."""
        return len(self.values)

    def until(self, length: int) -> Self:
        """The first `length` values; the times and what is known stay as they are."""
        gaps = self.gaps[np.searchsorted(self.times, self.gaps) < length]
        return replace(self, values=self.values[:length], past=self.past[:length], gaps=gaps)

    def since(self, begin: int) -> Self:
        """What comes from step `begin` on."""
        return replace(
            self,
            times=self.times[begin:],
            values=self.values[begin:],
            known=self.known[begin:],
            past=self.past[begin:],
            gaps=self.gaps[np.searchsorted(self.times, self.gaps) >= begin],
        )


def _spread(rows: NDArray[np.float64], steps: NDArray[np.int64]) -> NDArray[np.float64]:
    """Rows (N, …) at their steps (N,), NaN at those between."""
    spread = np.full((steps[-1] + 1, *rows.shape[1:]), np.nan)
    spread[steps] = rows
    return spread
