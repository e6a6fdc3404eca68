"""Windows of time series: some steps of history, and the steps after them that are to be forecast."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ostinato.tasks._forecast_scaling import LIMIT, window_scale
from ostinato.tasks._forecast_stretch import Stretch


class Tracks(NamedTuple):
    """All series of a panel end to end, each with room before and after it, which windows reach into.

    Attributes:
        values: (N,) float64, NaN where missing.
        known: (N, F) float32, what is known of each step in advance, standardised.
        past: (N, P) float32, what is known up to the origin only, standardised.
        starts: (series,) where the first step of each is.
    """

    values: NDArray[np.float64]
    known: NDArray[np.float32]
    past: NDArray[np.float32]
    starts: NDArray[np.int64]


class Batch(NamedTuple):
    """What a network reads of B windows, and what it is to say; all in units of the window's own.

    Attributes:
        history: (C, B, Dh) float32, finite.
        future: (H, B, Df) float32, finite.
        targets: (H, B) float32, NaN where missing.
        level: (B,) float64, what 0 is in the data's units.
        scale: (B,) float64, what 1 is.
    """

    history: NDArray[np.float32]
    future: NDArray[np.float32]
    targets: NDArray[np.float32]
    level: NDArray[np.float64]
    scale: NDArray[np.float64]


@dataclass(frozen=True)
class Windows:
    """Windows that are gathered batch by batch.

    Attributes:
        tracks: with C steps of room before each series and H after it.
        context: C, steps of history.
        horizon: H, steps to forecast.
        seasons: the steps of each season; the values of a season before are read beside each future step.
        series: (N,) which series each window is of.
        origins: (N,) how many values come before what is to be forecast.
    """

    tracks: Tracks
    context: int
    horizon: int
    seasons: tuple[int, ...]
    series: NDArray[np.int64]
    origins: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.origins)

    def first(self, count: int) -> "Windows":
        """As many, evenly spread; all of them where there are fewer."""
        rows = np.unique(np.linspace(0, len(self) - 1, count).astype(np.int64))
        return Windows(
            self.tracks, self.context, self.horizon, self.seasons, self.series[rows], self.origins[rows]
        )

    def batch(self, rows: NDArray[np.int64]) -> Batch:
        """Some of the windows; nothing after their origins but what is known of it is in what is read."""
        C, H = self.context, self.horizon
        steps = self.tracks.starts[self.series[rows]] + self.origins[rows] + np.arange(-C, H)[:, None]
        values = self.tracks.values[steps]
        level, scale = window_scale(values[:C], self.seasons)
        scaled = ((values - level) / scale).clip(-LIMIT, LIMIT)
        known = self.tracks.known[steps]
        history = [*_or_zero(scaled[:C]), known[:C], self.tracks.past[steps[:C]]]
        future = [
            np.linspace(-1, 1, H)[:, None].repeat(len(rows), 1),
            *self._seasons_before(scaled[:C]),
            known[C:],
        ]
        return Batch(_features(history), _features(future), scaled[C:].astype(np.float32), level, scale)

    def _seasons_before(self, history: NDArray[np.float64]) -> list[NDArray[np.float64]]:
        """For each season the values (H, B) that many steps before, or as many seasons as it takes."""
        C, h = self.context, np.arange(1, self.horizon + 1)
        return [part for m in self.seasons for part in _or_zero(history[C - 1 + h - m * -(-h // m)])]


def windows_of(
    stretch: Stretch, context: int, horizon: int, least: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The windows with something in them to go by, and something to be measured by.

    Args:
        stretch: what is to be forecast.
        context: C.
        horizon: H.
        least: values that there must be before an origin.

    Returns:
        (N,) series and (N,) origins.
    """
    series, origins = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for index, (values, begin) in enumerate(zip(stretch.panel.values, stretch.begins.tolist(), strict=True)):
        at = np.arange(max(begin, least), len(values) - horizon + 1, stretch.stride)
        count = np.concatenate([[0], np.cumsum(~np.isnan(values))])
        some = (count[at + horizon] > count[at]) & (count[at] > count[(at - context).clip(0)])
        origins.append(at[some])
        series.append(np.full(len(origins[-1]), index))
    return np.concatenate(series), np.concatenate(origins)


def _or_zero(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Values with 0 for those that are missing, and which ones are."""
    missing = np.isnan(values)
    return np.where(missing, 0.0, values), missing.astype(np.float64)


def _features(parts: list[NDArray[np.float64] | NDArray[np.float32]]) -> NDArray[np.float32]:
    """Numbers (T, B) and vectors (T, B, ·) of each step as one vector, (T, B, D)."""
    return np.concatenate(
        [(part if part.ndim == 3 else part[..., None]).astype(np.float32) for part in parts], axis=2
    )
