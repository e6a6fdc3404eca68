"""Where in the day, the week and the year each step is, as numbers that a network can read."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ostinato.data._frequency import Frequency, Times

_DAY = 86_400.0
# The calendar's cycles and their seconds: one is told if a step is shorter.
_CYCLES: Mapping[str, float] = {
    "minute": 60.0,
    "hour": 3600.0,
    "day": _DAY,
    "week": 7 * _DAY,
    "month": 28 * _DAY,
    "year": 365 * _DAY,
}
_STARTS = {"minute": "m", "hour": "h", "day": "D", "month": "M", "year": "Y"}  # numpy's units


def calendar_names(frequency: Frequency) -> tuple[str, ...]:
    """The names of the columns of `calendar_features`: none for numbered steps, nor for years."""
    if not frequency.seconds:
        return ()
    cycles = [cycle for cycle, seconds in _CYCLES.items() if frequency.seconds < seconds]
    return tuple(f"{wave} of {cycle}" for cycle in cycles for wave in ("sine", "cosine"))


def calendar_features(times: Times, frequency: Frequency) -> NDArray[np.float32]:
    """The position of each time in the cycles that are longer than a step, as the sine and cosine of a turn.

    Of a day in the week, the month and the year; of a month in the year; of 15 minutes in the hour and the
    day too. A turn begins with the cycle: Mondays, and the first days of months and years, at midnight have
    sine 0 and cosine 1.

    Args:
        times: (T,) datetime64[s], or numbered steps.
        frequency: their distance, which alone decides on the columns.

    Returns:
        (T, C), with a column for each of `calendar_names`.
    """
    waves = [np.empty((len(times), 0))]
    for name in calendar_names(frequency)[::2]:
        turn = 2 * np.pi * _position(times, name.removeprefix("sine of "))
        waves.append(np.column_stack([np.sin(turn), np.cos(turn)]))
    return np.concatenate(waves, axis=1).astype(np.float32)


def _position(times: Times, cycle: str) -> NDArray[np.float64]:
    """The share of the cycle that has gone by, from 0 up to 1: (T,)."""
    if cycle == "week":
        days = times.astype(np.int64) / _DAY + 3  # 1 January 1970 was a Thursday
        return np.asarray(days % 7 / 7)
    begun = times.astype(f"datetime64[{_STARTS[cycle]}]")
    start, end = (each.astype("datetime64[s]") for each in (begun, begun + 1))
    return np.asarray((times - start).astype(np.float64) / (end - start).astype(np.float64))
