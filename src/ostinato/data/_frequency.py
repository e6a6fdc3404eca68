"""How far apart the steps of a time series are, in the calendar's units."""

from dataclasses import asdict, dataclass
from typing import Any, Self, TypeGuard

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError

# (N,) datetime64[s], or int64 where steps are only numbered.
Times = NDArray[Any]

_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_YEAR = 365.25 * _SECONDS["day"]
_CYCLES = (60, 3600, 86_400, 604_800, _YEAR)  # seconds after which a clock or calendar begins anew
_WHOLE = 0.01  # relative error by which a cycle may miss a whole number of steps: a year is 52.18 weeks
UNITS = ("step", *_SECONDS, "business day", *_MONTHS)
WORKING_WEEK = "1111100"
_MOST = 2**31  # units of a step


@dataclass(frozen=True)
class Frequency:
    """The distance from a step to the next: `multiple` × `unit`.

    Attributes:
        unit: "step" (numbers, no dates), "second", "minute", "hour", "day", "week", "business day", "month",
            "quarter" or "year".
        multiple: of the unit, 1 or more; of business days always 1.
        weekdays: of business days, which ones are, from Monday: "1111100"; else "".
        day: of months, quarters and years, the day of the month that each step is, or in a shorter month its
            last: 31 for the ends of months; 0: the day of the first step. Of other units 0.
    """

    unit: str = "step"
    multiple: int = 1
    weekdays: str = ""
    day: int = 0

    def __str__(self) -> str:
        return f"{self.multiple} {self.unit}" + "s" * (self.multiple > 1)

    @property
    def months(self) -> int:
        """The months of a step; 0 for units that are no months."""
        return _MONTHS.get(self.unit, 0) * self.multiple

    @property
    def seconds(self) -> float:
        """The seconds of a step, on average; 0 for numbered steps."""
        if self.unit == "business day":
            return _SECONDS["week"] / self.weekdays.count("1")
        return self.months * _YEAR / 12 or self.multiple * float(_SECONDS.get(self.unit, 0))

    @property
    def cycles(self) -> tuple[int, ...]:
        """The steps of a minute, hour, day, week and year, shortest first: of those that have two or more.

        A month of days is left out, for months are not equally long: (7, 365) of days, (12,) of months.
        """
        if not self.seconds:
            return ()
        periods = [cycle / self.seconds for cycle in _CYCLES if cycle > self.seconds]
        return tuple(round(period) for period in periods if abs(round(period) / period - 1) < _WHOLE)

    def at(self, start: Any, steps: NDArray[np.int64]) -> Times:
        """The times (N,) that are so many steps (N,) after `start`; `steps` may be negative."""
        if self.unit == "step":
            return np.asarray(start + self.multiple * steps)
        if self.unit in _SECONDS:
            distance = self.multiple * _SECONDS[self.unit] * steps
            return np.asarray(start + distance.astype("timedelta64[s]"))
        day = start.astype("datetime64[D]")
        clock = start - day.astype("datetime64[s]")
        if self.unit == "business day":
            days = np.busday_offset(day, steps, roll="forward", weekmask=self.weekdays)
        else:
            days = self._in_month(day, day.astype("datetime64[M]") + self.months * steps)
        return np.asarray(days.astype("datetime64[s]") + clock)

    def after(self, last: Any, count: int) -> Times:
        """The `count` times that follow `last`, (count,)."""
        return self.at(last, np.arange(1, count + 1))

    def steps(self, start: Any, times: Times) -> NDArray[np.int64]:
        """How many steps after `start` each time (N,) is; between two steps, the earlier."""
        if self.unit == "step":
            return np.asarray((times - start) // self.multiple)
        if self.unit in _SECONDS:
            distance = (times - start).astype(np.int64)
            return np.asarray(distance // (self.multiple * _SECONDS[self.unit]))
        if self.unit == "business day":
            first, days = (each.astype("datetime64[D]") for each in (start, times))
            return np.asarray(np.busday_count(first, days, weekmask=self.weekdays))
        first, months = (each.astype("datetime64[M]").astype(np.int64) for each in (start, times))
        return np.asarray((months - first) // self.months)

    def are_steps(self, start: Any, times: Times) -> NDArray[np.bool_]:
        """Whether each time (N,) is a whole number of steps after `start`.

        Of months any day will do, so that the last working day of each is one, but no two in one month.
        """
        nearest = self.at(start, self.steps(start, times))
        if self.months:
            nearest, times = (each.astype("datetime64[M]") for each in (nearest, times))
        return np.asarray(nearest == times)

    def _in_month(self, like: np.datetime64, months: Times) -> Times:
        """The day of each of these months on which the step is, as in the month of `like`."""
        first, last = months.astype("datetime64[D]"), (months + 1).astype("datetime64[D]") - 1
        after_first = self.day - 1 if self.day else (like - like.astype("datetime64[M]")).astype(np.int64)
        return np.asarray(np.minimum(first + after_first, last))

    def to_json(self) -> dict[str, Any]:
        """The frequency, JSON-able."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """The frequency that `to_json` described; safe for a stranger's JSON.

        Raises:
            InputError: `value` is anything else.
        """
        value = value if isinstance(value, dict) else {}
        unit, multiple = value.get("unit"), value.get("multiple")
        weekdays, day = value.get("weekdays"), value.get("day")
        if not isinstance(unit, str) or unit not in UNITS or not _is_whole(multiple, 1, _MOST):
            raise InputError("a frequency needs a unit of time and how many of them; save it anew")
        if not isinstance(weekdays, str) or (unit == "business day") != _is_part_of_a_week(weekdays):
            raise InputError("a frequency's weekdays must say which days are business days; save it anew")
        if not _is_whole(day, 0, 31 * (unit in _MONTHS)) or (weekdays and multiple > 1):
            raise InputError("a frequency's day or multiple does not go with its unit; save it anew")
        return cls(unit, multiple, weekdays, day)


def _is_whole(value: Any, least: int, most: int) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _is_part_of_a_week(weekdays: str) -> bool:
    return len(weekdays) == 7 and set(weekdays) == {"0", "1"}
