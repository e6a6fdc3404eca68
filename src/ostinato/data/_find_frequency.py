"""The frequency of time series, found from their times."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ostinato.data._frequency import WORKING_WEEK, Frequency, Times

_DAY = 86_400
_UNITS = (("week", 604_800), ("day", _DAY), ("hour", 3600), ("minute", 60), ("second", 1))
MOSTLY = 0.5  # share of a grid's steps at which there must be rows
_SKIPPED = 3  # times that a weekday must have been left out to be taken for a day of rest
_HOLIDAYS = 3  # days that the last working day of a month may be before its last


def find_frequency(series: Sequence[Times]) -> Frequency | None:
    """The coarsest regular grid on which all the times lie, dates being missing here and there.

    Weekdays of which there is never a date are left out of the grid: five business days make a week. Dates
    on changing days of the month are months if a grid of days would be mostly holes.

    Args:
        series: of each, its times (N_i,), rising, without repetition.

    Returns:
        The frequency, or None where no series has two times.
    """
    differences = np.concatenate([np.diff(times) for times in series]).astype(np.int64)
    if not differences.size:
        return None
    distance = int(np.gcd.reduce(differences))
    if series[0].dtype.kind == "i":
        return Frequency("step", distance)
    if distance % _DAY:
        return _of_seconds(distance)
    days = [times.astype("datetime64[D]") for times in series]
    if all(map(_on_one_day_of_the_month, days)):
        return _of_months(days)
    found = _of_seconds(distance)
    if distance == _DAY and (weekdays := _working_days(days)):
        found = Frequency("business day", 1, weekdays)
    if filled(found, series) < MOSTLY and all(map(_once_a_month, days)):
        return _of_months(days, slack=_HOLIDAYS)
    return found


def filled(frequency: Frequency, series: Sequence[Times]) -> float:
    """The share of the steps, from each series' first time to its last, at which there is a time."""
    steps = sum(int(frequency.steps(times[0], times[-1:])[0]) + 1 for times in series)
    return sum(map(len, series)) / steps


def _of_seconds(distance: int) -> Frequency:
    unit, seconds = next((unit, seconds) for unit, seconds in _UNITS if distance % seconds == 0)
    return Frequency(unit, distance // seconds)


def _of_months(series: Sequence[Times], slack: int = 0) -> Frequency:
    months = np.concatenate([np.diff(days.astype("datetime64[M]")) for days in series]).astype(np.int64)
    distance = int(np.gcd.reduce(months))
    day = _day_of_month(series, slack)
    if distance % 12 == 0:
        return Frequency("year", distance // 12, day=day)
    return Frequency("quarter", day=day) if distance == 3 else Frequency("month", distance, day=day)


def _day_of_month(series: Sequence[Times], slack: int) -> int:
    """The `Frequency.day` of days that may be up to `slack` before the ends of months."""
    if all(_at_month_ends(days, slack) for days in series):
        return 31
    last = {int(_days_of_month(days)[0].max()) for days in series}
    # Up to the 28th every month has the day, and the first step tells it.
    return max(last) if len(last) == 1 and min(last) > 28 and not slack else 0


def _on_one_day_of_the_month(days: Times) -> bool:
    """Whether the days, two or more, are each the same one of its month, or the last of a shorter month."""
    of_month, last = _days_of_month(days)
    return bool((of_month == np.minimum(of_month.max(), last)).all())


def _at_month_ends(days: Times, slack: int) -> bool:
    of_month, last = _days_of_month(days)
    return bool((of_month >= last - slack).all())


def _once_a_month(days: Times) -> bool:
    return bool((np.diff(days.astype("datetime64[M]")).astype(np.int64) > 0).all())


def _days_of_month(days: Times) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of each day which one of its month it is, from 1, and which one the last is."""
    months = days.astype("datetime64[M]")
    first, following = months.astype("datetime64[D]"), (months + 1).astype("datetime64[D]")
    return (days - first).astype(np.int64) + 1, (following - first).astype(np.int64)


def _working_days(series: Sequence[Times]) -> str:
    """Which weekdays there are, from Monday, such as "1111100"; "" if all, or if it cannot be told."""
    seen = np.zeros(7, bool)
    for days in series:
        seen[(days.astype(np.int64) + 3) % 7] = True  # day 0, 1 January 1970, was a Thursday
    weekdays = "".join("1" if there else "0" for there in seen)
    absent = "".join("0" if there else "1" for there in seen)
    if seen.all():
        return ""
    skipped = sum(int(np.busday_count(days[0], days[-1], weekmask=absent)) for days in series)
    enough = 1 if weekdays == WORKING_WEEK else _SKIPPED
    return weekdays if skipped >= enough * absent.count("1") else ""
