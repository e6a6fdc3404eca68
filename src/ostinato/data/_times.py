"""The cells of a time column as times: dates, moments, or numbered steps."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from functools import partial
from typing import Any

import numpy as np

from ostinato.data._cells import complaint, each_cell
from ostinato.data._frequency import Times
from ostinato.data._table import Table

_WHOLE = re.compile(r"\s*([+-]?\d{1,18})(?:\.0*)?\s*", re.ASCII)
_LARGEST = 10**18
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", re.ASCII)
_QUARTER = re.compile(r"(\d{4})[- ]?[Qq]([1-4])", re.ASCII)
# Whole numbers that are dates if all of a column are: 2013, 201301 and 20130131.
_COMPACT = ((1500, 2500, "%Y"), (150_001, 250_012, "%Y%m"), (15_000_101, 25_001_231, "%Y%m%d"))
_NO_DATE = "is no date; write 2013-01-31, 2013-01, 2013Q1, 2013 or 2013-01-31 14:00, or number the steps"


def read_times(table: Table, name: str) -> Times:
    """The times of a table's rows, in their order.

    Returns:
        (N,) int64 if all cells are whole numbers that are no years or dates; else (N,) datetime64[s]: the
        first moment of what a cell names. Time zones are left out where all are the same, or all clocks
        show one time of day (days that begin at midnight, in summer and in winter), and otherwise brought to
        UTC.

    Raises:
        InputError: a cell is missing or no date, or some have a time zone and others have none; the message
            has the row and the value.
    """
    whole = [_whole(cell) for cell in table.column(name)]
    numbers = [number for number in whole if number is not None]
    form = _compact_form(numbers)
    if len(numbers) == len(whole) and not form:
        return np.array(numbers, np.int64)
    if len(numbers) == len(whole):
        return _seconds(each_cell(table, name, partial(_compact, form=form)))
    if 2 * len(numbers) > len(whole) and form != "%Y":
        each_cell(table, name, _step)  # says which one is not
    return _without_zones(table, name, each_cell(table, name, _moment))


def _whole(cell: Any) -> int | None:
    """The whole number that a cell is; None if it is something else."""
    if isinstance(cell, str):
        match = _WHOLE.fullmatch(cell)
        return int(match[1]) if match else None
    if isinstance(cell, bool) or not isinstance(cell, (int, float)) or not abs(cell) < _LARGEST:
        return None
    return int(cell) if cell == int(cell) else None


def _compact_form(numbers: Sequence[int]) -> str:
    """How dates are written in these numbers; "" if they are none."""
    if not numbers:
        return ""
    low, high = min(numbers), max(numbers)
    return next((form for first, last, form in _COMPACT if first <= low and high <= last), "")


def _step(cell: Any) -> None:
    if _whole(cell) is None:
        raise ValueError("is no whole number, and most other rows have one; correct it")


def _compact(cell: Any, form: str) -> datetime:
    try:
        return datetime.strptime(str(_whole(cell)), form)
    except ValueError:
        raise ValueError(_NO_DATE) from None


def _moment(cell: Any) -> datetime:
    """The moment of a cell, in its time zone if it has one."""
    moment = _parsed(cell.strip().replace("/", "-")) if isinstance(cell, str) else cell
    if isinstance(moment, date) and not isinstance(moment, datetime):
        moment = datetime.combine(moment, time())
    if not isinstance(moment, datetime) or not 1 < moment.year < 9999:
        raise ValueError(_NO_DATE)
    if moment.microsecond:
        raise ValueError("has a fraction of a second; number the steps instead")
    return moment


def _parsed(text: str) -> datetime | None:
    if quarter := _QUARTER.fullmatch(text):
        return datetime(int(quarter[1]), 3 * int(quarter[2]) - 2, 1)
    try:
        if day := _DATE.fullmatch(text):
            return datetime(int(day[1]), int(day[2] or 1), int(day[3] or 1))
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _without_zones(table: Table, name: str, moments: Sequence[datetime]) -> Times:
    offsets = [moment.utcoffset() for moment in moments]
    for row, offset in enumerate(offsets):
        if (offset is None) != (offsets[0] is None):
            this, first = ("no", "one") if offset is None else ("a", "none")
            raise complaint(table, name, row, f"has {this} time zone and row 1 has {first}; write all alike")
    if len(set(offsets)) > 1 and len({moment.time() for moment in moments}) > 1:
        moments = [moment.astimezone(UTC) for moment in moments]
    return _seconds([moment.replace(tzinfo=None) for moment in moments])


def _seconds(moments: Sequence[datetime]) -> Times:
    return np.array(moments, "datetime64[s]")
