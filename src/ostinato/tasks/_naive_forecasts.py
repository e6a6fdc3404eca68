"""The naive forecasts: what a forecaster has to beat.

Hyndman and Athanasopoulos, "Forecasting: principles and practice", chapter 5. Their intervals are the
quantiles of the errors that the same rule made in the past, each step ahead by itself.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

_ERRORS = 500  # the newest ones, which intervals are made of
_AT_A_TIME = 4096  # origins


class Predicted(NamedTuple):
    """Forecasts from N origins, H steps each.

    Attributes:
        points: (N, H).
        quantiles: (N, H, Q), at the levels asked for, never falling.
    """

    points: NDArray[np.float64]
    quantiles: NDArray[np.float64]


class NaiveForecast(ABC):
    """A forecast by a rule, of whatever series."""

    name: ClassVar[str]

    @abstractmethod
    def points(
        self, values: NDArray[np.float64], origins: NDArray[np.int64], horizon: int
    ) -> NDArray[np.float64]:
        """The forecasts of the `horizon` steps after the first `origins` values.

        Args:
            values: (T,) of one series, NaN where missing.
            origins: (N,) from 1 to T: how many of them are known.
            horizon: H.

        Returns:
            (N, H), NaN where the rule has nothing to go by.
        """

    def forecast(
        self,
        values: NDArray[np.float64],
        origins: NDArray[np.int64],
        horizon: int,
        levels: Sequence[float],
    ) -> Predicted:
        """Points and quantiles; where the rule has nothing to go by, the last value, or 0 without any."""
        parts = [
            self._forecast(values, origins[begin : begin + _AT_A_TIME], horizon, levels)
            for begin in range(0, len(origins), _AT_A_TIME)
        ]
        return Predicted(*map(np.concatenate, zip(*parts, strict=True)))

    def _forecast(
        self,
        values: NDArray[np.float64],
        origins: NDArray[np.int64],
        horizon: int,
        levels: Sequence[float],
    ) -> Predicted:
        points = self.points(values, origins, horizon)
        last = np.nan_to_num(last_present(values)[origins - 1, None])
        points = np.where(np.isnan(points), last, points)
        return Predicted(points, points[:, :, None] + self._errors(values, origins, horizon, levels))

    def _errors(
        self,
        values: NDArray[np.float64],
        origins: NDArray[np.int64],
        horizon: int,
        levels: Sequence[float],
    ) -> NDArray[np.float64]:
        """(N, H, Q) quantiles of the errors that were known at each origin."""
        begin = max(1, int(origins.min()) - horizon - _ERRORS)
        before = np.arange(begin, int(origins.max()))
        errors = steps_ahead(values, before, horizon) - self.points(values, before, horizon)
        errors = np.concatenate([np.full((_ERRORS + horizon, horizon), np.nan), errors])
        quantiles = np.empty((len(origins), horizon, len(levels)))
        for index in range(horizon):
            # An error is known `index + 1` values after its forecast was made.
            known = origins - begin - (index + 1) + horizon + 1
            quantiles[:, index] = _quantiles(sliding_window_view(errors[:, index], _ERRORS)[known], levels)
            if index:  # as uncertain as the step before, where no past forecast has looked so far ahead
                unknown = np.isnan(quantiles[:, index, 0])
                quantiles[unknown, index] = quantiles[unknown, index - 1]
        return np.nan_to_num(quantiles)


class LastValue(NaiveForecast):
    """All stays as it is."""

    name = "last value"

    def points(
        self, values: NDArray[np.float64], origins: NDArray[np.int64], horizon: int
    ) -> NDArray[np.float64]:
        """The last value that is not missing, for all steps."""
        return np.repeat(last_present(values)[origins - 1, None], horizon, axis=1)


@dataclass(frozen=True)
class SeasonalNaive(NaiveForecast):
    """All is as it was a season ago.

    Attributes:
        season: m, its steps.
    """

    name = "seasonal naive"

    season: int

    def points(
        self, values: NDArray[np.float64], origins: NDArray[np.int64], horizon: int
    ) -> NDArray[np.float64]:
        """ŷ_{t+h} = y_{t+h-m⌈h/m⌉}; where that is missing, the season before it."""
        m = self.season
        rows = -(-len(values) // m)
        table = np.full(rows * m, np.nan)
        table[: len(values)] = values
        filled = np.concatenate([np.full(m, np.nan), last_present(table.reshape(rows, m)).ravel()])
        h = np.arange(1, horizon + 1)
        return np.asarray(filled[origins[:, None] - 1 + h - m * -(-h // m) + m])


class Drift(NaiveForecast):
    """All goes on along the line from the first value to the last."""

    name = "drift"

    def points(
        self, values: NDArray[np.float64], origins: NDArray[np.int64], horizon: int
    ) -> NDArray[np.float64]:
        """ŷ_{t+h} = y_t + h (y_t - y_1)/(t - 1), of the first and the last value that are not missing."""
        present = ~np.isnan(values)
        first = int(np.argmax(present))
        end = last_present(np.where(present, np.arange(len(values)), np.nan))[origins - 1]
        last = last_present(values)[origins - 1]
        slope = (last - values[first]) / np.where(end > first, end - first, np.nan)
        distance = (origins - 1 - end)[:, None] + np.arange(1, horizon + 1)
        return np.asarray(last[:, None] + slope[:, None] * distance)


def naive_forecasts(season: int) -> tuple[NaiveForecast, ...]:
    """The rules for series whose season has so many steps, 1 being none."""
    seasonal = (SeasonalNaive(season),) if season > 1 else ()
    return (LastValue(), *seasonal, Drift())


def steps_ahead(values: NDArray[np.float64], origins: NDArray[np.int64], horizon: int) -> NDArray[np.float64]:
    """(N, H) what came after the first `origins` (N,) values, NaN where missing or past the last one."""
    padded = np.concatenate([values, np.full(horizon, np.nan)])
    return np.asarray(sliding_window_view(padded, horizon)[origins])


def last_present(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """(T, …) at each step the newest value that is not missing, NaN before the first."""
    steps = np.arange(len(values)).reshape(-1, *[1] * (values.ndim - 1))
    newest = np.maximum.accumulate(np.where(np.isnan(values), 0, steps), axis=0)
    return np.take_along_axis(values, newest, axis=0)


def _quantiles(errors: NDArray[np.float64], levels: Sequence[float]) -> NDArray[np.float64]:
    """(N, Q) quantiles of what is there in each row (N, W), linear between neighbours; NaN of nothing."""
    ordered = np.sort(errors, axis=1)  # the missing ones last
    count = np.count_nonzero(~np.isnan(errors), axis=1)[:, None]
    position = np.asarray(levels) * (count - 1).clip(0)
    below = position.astype(np.int64)
    low, high = (
        np.take_along_axis(ordered, np.minimum(at, (count - 1).clip(0)), axis=1) for at in (below, below + 1)
    )
    return np.asarray(low + (high - low) * (position - below))
