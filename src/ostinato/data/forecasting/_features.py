"""What a forecasting network reads: how a linear model fared, and what it says of the steps ahead."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ostinato.data.forecasting._filter import Filtered, run_filter
from ostinato.data.forecasting._regression import Regression
from ostinato.data.forecasting._windows import Windows

_HARMONICS = 2  # of each season, whose phases are told
_FARTHEST = 20.0  # standard deviations; what came further off is learned as that far off


@dataclass(frozen=True)
class Track:
    """A series as it is to be forecast.

    Attributes:
        model: of it.
        log: whether the model is of the logarithm of its values.
        floor: below which no value is.
        values: (T,) so transformed, NaN where missing.
        covariates: (S, K) what the model regresses on beside the time; S is T + H at least.
        known: (S, F) what else is known of each step in advance.
        past: (T, P) what is known up to the origin only.
        first: which step of the series is the first of these, for those whose beginning is forgotten.
    """

    model: Regression
    log: bool
    floor: float
    values: NDArray[np.float64]
    covariates: NDArray[np.float32]
    known: NDArray[np.float32]
    past: NDArray[np.float32]
    first: int = 0


def track_windows(
    track: Track, number: int, origins: NDArray[np.int64], context: int, horizon: int, seasons: Sequence[int]
) -> Windows:
    """The windows of a series from some origins (N,), rising; nothing after an origin is in what is read.

    Args:
        track: the series.
        number: which it is.
        origins: how many values come before each.
        context: C, steps of history.
        horizon: H.
        seasons: whose phases are told.
    """
    filtered = run_filter(track.model, track.values, track.covariates, origins, horizon, context)
    return windows_from(track, filtered, number, origins, seasons)


def windows_from(
    track: Track, filtered: Filtered, number: int, origins: NDArray[np.int64], seasons: Sequence[int]
) -> Windows:
    """The same where the model's pass over the series is known; both may have forgotten its beginning."""
    context, horizon = filtered.rests.shape[1], filtered.means.shape[1]
    ahead = origins[:, None] + np.arange(horizon)
    values = np.concatenate([track.values, np.full(horizon, np.nan)])[ahead - track.first]
    targets = ((values - filtered.means) / filtered.spreads).clip(-_FARTHEST, _FARTHEST)
    return Windows(
        _history(track, filtered, origins, context, seasons),
        _future(track, filtered, origins, ahead, seasons),
        targets.astype(np.float32),
        filtered.means,
        filtered.spreads,
        np.full(len(origins), number),
        origins,
        origins + horizon <= track.first + len(track.values),
        np.full(len(origins), track.log),
        np.full(len(origins), track.floor),
    )


def history_size(seasons: Sequence[int], known: int, past: int) -> int:
    """Dh, with so many features that are known ahead, and so many that are not."""
    return 4 + _phase_count(seasons) + known + past


def future_size(seasons: Sequence[int], known: int) -> int:
    """Df."""
    return 4 + len(seasons) + _phase_count(seasons) + known


def _history(
    track: Track, filtered: Filtered, origins: NDArray[np.int64], context: int, seasons: Sequence[int]
) -> NDArray[np.float32]:
    """(N, C, Dh): surprises, how far the level was from where it is now, the errors' size; the rest."""
    steps = origins[:, None] + np.arange(-context, 0)
    at = (steps - track.first).clip(0)
    missing = (steps < 0) | np.isnan(track.values[at])
    deviations = filtered.deviations
    size = np.log(deviations[at + 1] / deviations[origins - track.first][:, None])
    rests = filtered.rests - _last(filtered.rests)[:, None]
    numbers = [
        np.where(missing, 0.0, np.arcsinh(filtered.surprises[at])),
        np.where(missing, 0.0, np.arcsinh(rests / 3)),
        np.where(steps < 0, 0.0, size),
        missing,
    ]
    others = np.concatenate([track.known[at], track.past[at]], axis=2)
    others[steps < 0] = 0.0
    return np.concatenate(
        [np.stack(numbers, axis=2), _phases(steps, seasons), others], axis=2, dtype=np.float32
    )


def _future(
    track: Track,
    filtered: Filtered,
    origins: NDArray[np.int64],
    ahead: NDArray[np.int64],
    seasons: Sequence[int],
) -> NDArray[np.float32]:
    """(N, H, Df): how far ahead, what the model says and how sure it is, surprises a season ago; the rest."""
    N, H = ahead.shape
    h = np.arange(H)
    first_mean, first_spread = filtered.means[:, :1], filtered.spreads[:, :1]
    numbers = [
        np.broadcast_to(h / H, (N, H)),
        np.broadcast_to(np.log1p(h), (N, H)),
        np.log(filtered.spreads / first_spread),
        np.arcsinh((filtered.means - first_mean) / first_spread / 3),
    ]
    for m in seasons:
        before = ahead - m * (h // m + 1)
        surprises = filtered.surprises[(before - track.first).clip(0, len(track.values) - 1)]
        numbers.append(np.where(before < 0, 0.0, np.arcsinh(surprises)))
    return np.concatenate(
        [np.stack(numbers, axis=2), _phases(ahead, seasons), track.known[ahead - track.first]],
        axis=2,
        dtype=np.float32,
    )


def _phase_count(seasons: Sequence[int]) -> int:
    return int(_phases(np.zeros(1, np.int64), seasons).shape[-1])


def _phases(steps: NDArray[np.int64], seasons: Sequence[int]) -> NDArray[np.float64]:
    """(…, ·) where in its seasons each step (…) is, as cosines and sines of a turn and of two."""
    turns = [2 * np.pi * k * (steps % m) / m for m in seasons for k in range(1, _HARMONICS + 1) if 2 * k <= m]
    waves = [wave(turn) for turn in turns for wave in (np.cos, np.sin)]
    return np.stack(waves, axis=-1) if waves else np.empty((*steps.shape, 0))


def _last(rests: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N,) the newest of each row (N, C) that is not missing; 0 where all are."""
    newest = np.zeros(len(rests))
    for column in rests.T:
        newest = np.where(np.isnan(column), newest, column)
    return newest
