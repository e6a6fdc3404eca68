"""How far apart the steps of a time series are, in the calendar's units."""

from dataclasses import asdict, dataclass
from typing import Any, Self

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


@dataclass(frozen=True)
class Frequency:
    """The distance from a step to the next: `multiple` × `unit`.

    Attributes:
        unit: "step" (numbers, no dates), "second", "minute", "hour", "day", "week", "business day", "month",
            "quarter" or "year".
        multiple: of the unit, 1 or more; of business days always 1.
        weekdays: of business days, which ones are, from Monday: "1111100"; else "".
        month_end: of months, quarters and years, whether each step is the last day of its month.
    """

    unit: str = "step"
    multiple: int = 1
    weekdays: str = ""
    month_end: bool = False

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
        periods = [cycle / self.seconds for cycle in _CYCLES]
        whole = [round(period) for period in periods if period >= 1.5]
        exact = [period for period in periods if period >= 1.5]
        return tuple(
            steps for steps, period in zip(whole, exact, strict=True) if abs(steps / period - 1) < _WHOLE
        )

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
        """The days of these months that have the day of the month that `like` has, or the last."""
        last = (months + 1).astype("datetime64[D]") - 1
        if self.month_end:
            return np.asarray(last)
        return np.asarray(
            np.minimum(months.astype("datetime64[D]") + (like - like.astype("datetime64[M]")), last)
        )

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
        weekdays, month_end = value.get("weekdays"), value.get("month_end")
        if unit not in UNITS or type(multiple) is not int or not 1 <= multiple <= 2**31:
            raise InputError("a frequency needs a unit of time and how many of them; save it anew")
        right = (
            len(weekdays) == 7 and set(weekdays) == set("01") if unit == "business day" else weekdays == ""
        )
        if not right or type(month_end) is not bool:
            raise InputError("a frequency's weekdays or its end of the month are wrong; save it anew")
        return cls(unit, multiple, weekdays, month_end)
