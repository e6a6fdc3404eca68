"""The rows of a table as time series: each row is a step of one of them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError
from ostinato.data._cells import labels, number_matrix, numbers
from ostinato.data._frequency import Frequency, Times
from ostinato.data._panel_columns import PanelColumns
from ostinato.data._series import Series
from ostinato.data._table import Table
from ostinato.data._time_column import TimeColumn

_Rows = NDArray[np.int64]


def read_series(
    table: Table, columns: PanelColumns, given: Frequency | None
) -> tuple[tuple[Series, ...], Frequency]:
    """The series of a table in the order of their first rows, and their frequency.

    Args:
        table: the table.
        columns: which are read.
        given: the frequency, to which the times must keep; None: what they show.

    Raises:
        InputError: a column is missing; a cell is wrong; times are repeated, unsorted or irregular; or a
            series has no values.
    """
    for name in columns.names:  # a missing one is told before what is wrong in another
        table.column(name)
    groups = _groups(table, columns.series)
    frequency, times = _times(table, columns.time, list(groups.values()), given)
    values = numbers(table, columns.target, gaps=True)
    known, past = (_covariates(table, names) for names in (columns.known, columns.past))
    series = []
    for (name, rows), at in zip(groups.items(), times, strict=True):
        _check_values(table, columns, name, values[rows])
        series.append(Series.of_rows(name, frequency, at, values[rows], known[rows], past[rows]))
    return tuple(series), frequency


def _times(
    table: Table, name: str | None, groups: Sequence[_Rows], given: Frequency | None
) -> tuple[Frequency, Sequence[Times]]:
    """The frequency, and the times of each series."""
    if name is None:
        return Frequency(), [np.arange(1, len(rows) + 1) for rows in groups]
    column = TimeColumn.of(table, name, groups)
    return column.frequency(given), column.times


def _groups(table: Table, name: str | None) -> dict[str, _Rows]:
    """The rows of each series, by its name."""
    if name is None:
        return {"": np.arange(len(table))}
    rows_of: dict[str, list[int]] = {}
    for row, label in enumerate(labels(table, name)):
        rows_of.setdefault(label, []).append(row)
    return {label: np.array(rows) for label, rows in rows_of.items()}


def _covariates(table: Table, names: Sequence[str]) -> NDArray[np.float64]:
    """(N, columns), NaN where missing."""
    return number_matrix(table, names, gaps=True) if names else np.empty((len(table), 0))


def _check_values(table: Table, columns: PanelColumns, name: str, values: NDArray[np.float64]) -> None:
    if np.isnan(values).all():
        rows = f"any row of {columns.series} {name!r}" if columns.series else "any row"
        raise InputError(f"{table.path}: nothing in column {columns.target!r} in {rows}; fill or remove them")
