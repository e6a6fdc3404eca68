"""A table's time column: the rows of each series in the order of time and on one regular grid, or refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ostinato._errors import InputError
from ostinato.data._cells import complaint, shown
from ostinato.data._find_frequency import MOSTLY, filled, find_frequency
from ostinato.data._frequency import Frequency, Times
from ostinato.data._table import Table
from ostinato.data._times import read_times

_RUN = 6  # holes of one length in a row are a frequency of their own
_ALIKE = 1.15  # ratio of lengths that may be one: a month has 28 to 31 days
_Rows = NDArray[np.int64]


@dataclass(frozen=True)
class TimeColumn:
    """When the rows of a table are.

    Attributes:
        table: the table.
        name: the column.
        groups: of each series, its rows (N_i,).
        times: of each series, its times (N_i,), rising.
    """

    table: Table
    name: str
    groups: Sequence[_Rows]
    times: Sequence[Times]

    @classmethod
    def of(cls, table: Table, name: str, groups: Sequence[_Rows]) -> "TimeColumn":
        """Read the column.

        Raises:
            InputError: a cell is no time, a series has two rows for one, or its rows are not in order; the
                message has the row and the value.
        """
        times = read_times(table, name)
        column = cls(table, name, groups, [times[rows] for rows in groups])
        for rows, of_series in zip(groups, column.times, strict=True):
            column._check_rising(rows, of_series)
        return column

    def frequency(self, given: Frequency | None) -> Frequency:
        """The distance from step to step: what the times show, or what is given if they keep to it.

        Raises:
            InputError: it cannot be told, they do not keep to it, most steps would be holes, or there is a
                stretch of another frequency; the message has the row and the value.
        """
        frequency = given or find_frequency(self.times)
        if frequency is None:
            raise InputError(
                f"{self.table.path} has one row of each series, and how far apart steps are cannot be told; "
                f"give more rows"
            )
        if (frequency.unit == "step") != (self.times[0].dtype.kind == "i"):
            fault = f"cannot be counted in steps of {frequency}; correct it"
            raise complaint(self.table, self.name, int(self.groups[0][0]), fault)
        irregular = _irregular(frequency, self.times)
        if irregular is not None:
            usual = f"the steps are {frequency}" if given else f"most others {_usual(self.times)}"
            raise self._no_one_frequency(*irregular, usual)
        return frequency

    def _check_rising(self, rows: _Rows, times: Times) -> None:
        for index in np.flatnonzero(times[1:] <= times[:-1])[:1].tolist():
            before, row = rows[index : index + 2].tolist()
            earlier = shown(self.table.column(self.name)[before])
            fault = f"comes after {earlier} in row {before + 1}; sort the rows"
            if times[index] == times[index + 1]:
                apart = ", or name the column that tells series apart" * (len(self.groups) == 1)
                fault = f"is in row {before + 1} too; keep one{apart}"
            raise complaint(self.table, self.name, row, fault)

    def _no_one_frequency(self, series: int, index: int, usual: str) -> InputError:
        row = int(self.groups[series][index])
        if index == 0:  # a day on which there is no business, where business days are given
            return complaint(self.table, self.name, row, f"is none, and {usual}; correct it")
        before = self.groups[series][index - 1]
        distance = _distance(*self.times[series][index - 1 : index + 1])
        fault = (
            f"is {distance} after row {before + 1}, and {usual}: that is no one frequency; give the rows "
            f"one, or leave the time column out to have each row a step"
        )
        return complaint(self.table, self.name, row, fault)


def _distance(one: Any, other: Any) -> str:
    return str(find_frequency([np.array([one, other])]))


def _usual(series: Sequence[Times]) -> str:
    """The distance from row to row that there is most often."""
    first = series[0][0]
    return _distance(first, first + _commonest(_distances(series)))


def _distances(series: Sequence[Times]) -> list[NDArray[np.int64]]:
    """From row to row: (N_i - 1,) of each series, in seconds or numbers."""
    return [np.diff(times).astype(np.int64) for times in series]


def _commonest(distances: Sequence[NDArray[np.int64]]) -> int:
    values, counts = np.unique(np.concatenate(distances), return_counts=True)
    return int(values[counts.argmax()])


def _irregular(frequency: Frequency, series: Sequence[Times]) -> tuple[int, int] | None:
    """Where times do not keep to the frequency: which series, and the index of the time."""
    sparse = filled(frequency, series) < MOSTLY
    for number, times in enumerate(series):
        index = _off_grid(frequency, times)
        if index is None and not sparse:
            index = _another_frequency(frequency, times)
        if index is not None:
            return number, index
    return _oddest(series) if sparse else None


def _oddest(series: Sequence[Times]) -> tuple[int, int]:
    """The first time that is at no multiple of the usual distance from the one before, or the farthest."""
    distances = _distances(series)
    commonest, usual = _commonest(distances), _usual(series)
    for number, (times, each) in enumerate(zip(series, distances, strict=True)):
        for index in np.flatnonzero(each % commonest).tolist():
            if _distance(*times[index : index + 2]) != usual:  # months are not equally long
                return number, index + 1
    number = int(np.argmax([each.max(initial=0) for each in distances]))
    return number, int(distances[number].argmax()) + 1


def _off_grid(frequency: Frequency, times: Times) -> int | None:
    """The first time that is no whole number of steps after the first, or is the step of the one before."""
    odd = ~frequency.are_steps(times[0], times)
    odd[1:] |= np.diff(frequency.steps(times[0], times)) == 0
    return int(odd.argmax()) if odd.any() else None


def _another_frequency(frequency: Frequency, times: Times) -> int | None:
    """The second time of a stretch that is regular by itself, with longer steps than the frequency's."""
    lengths = np.diff(frequency.steps(times[0], times))
    if len(lengths) < _RUN:
        return None
    runs = sliding_window_view(lengths, _RUN)
    alike = (runs.min(1) > 1) & (runs.max(1) <= _ALIKE * runs.min(1))
    for index in np.flatnonzero(alike).tolist():
        stretch = times[index : index + _RUN + 1]
        found = find_frequency([stretch])
        if found is not None and filled(found, [stretch]) == 1:
            return index + 1
    return None
