"""Data frames, and mappings of columns, as tables."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ostinato._errors import InputError
from ostinato.data._table import Table


def is_frame(X: Any) -> bool:
    """Whether X has named columns: a data frame of pandas or polars, or a mapping."""
    return isinstance(X, Mapping) or (hasattr(X, "columns") and hasattr(X, "__getitem__"))


def with_dates(X: Any) -> tuple[Any, str | None, str | None]:
    """A column or data frame of pandas whose index is of dates, as a mapping that has them as a column.

    Returns:
        The mapping, the name of the dates, and that of the values if it was a column; what is not indexed by
        dates as it is, None, and None.
    """
    index = getattr(X, "index", None)
    if getattr(getattr(index, "dtype", None), "kind", "") != "M":
        return X, None, None
    time = str(X.index.name or "index")
    if hasattr(X, "columns"):
        return {time: X.index, **{str(name): X[name] for name in X.columns}}, time, None
    return {time: X.index, "value": X}, time, "value"


def frame_table(X: Any) -> Table:
    """A data frame's columns, or those of a mapping, as a table called X; NaN and NaT are None.

    Raises:
        InputError: there are no columns or rows, or columns of different lengths.
    """
    cells = {str(name): _cells(X[name]) for name in (X if isinstance(X, Mapping) else X.columns)}
    lengths = {name: len(column) for name, column in cells.items()}
    if not any(lengths.values()):
        raise InputError("X has no rows; give a data frame with rows")
    first = next(iter(lengths))
    for name, length in lengths.items():
        if length != lengths[first]:
            raise InputError(
                f"X has {lengths[first]:,} rows in column {first!r} and {length:,} in {name!r}; "
                f"give all as many"
            )
    return Table(Path("X"), cells, lambda row: f"X, row {row + 1}")


def _cells(column: Any) -> list[Any]:
    if isinstance(column, np.ndarray) and column.dtype.kind == "M":
        column = column.astype("datetime64[us]")  # whose items are Python's datetimes
    cells = column.tolist() if hasattr(column, "tolist") else list(column)
    return [None if cell is None or cell != cell else cell for cell in cells]
