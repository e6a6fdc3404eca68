"""The cells of a column as texts, labels, numbers, lists, numeric sequences or paths, checked row by row."""

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError, one_line
from ostinato.data._examples import as_vectors, named
from ostinato.data._table import Table

_T = TypeVar("_T")
_GAPS = frozenset({"", "na", "nan", "null"})  # how tables write a missing number
LARGEST = float(np.finfo(np.float32).max)
_SHOWN = 60  # characters of a value in a message
_SURROGATE = re.compile("[\ud800-\udfff]")  # which JSON can write, but no file can hold
# "[CLS] a word [SEP]" is no JSON, and "[1, 2" is meant to be.
_JSON_LIST = re.compile(r'\s*\[\s*(["\[\]\d.-]|null|NaN|true|false)')


def texts(table: Table, name: str) -> list[str]:
    """The column's texts; InputError if one is missing, empty or no text."""
    return each_cell(table, name, _text)


def labels(table: Table, name: str) -> list[str]:
    """The column's labels, whole numbers and truth values as texts; InputError if one is missing."""
    return each_cell(table, name, label_of)


def lists(table: Table, name: str) -> list[list[Any]]:
    """The column's lists: JSON's, or what spaces separate; InputError for anything else."""
    return each_cell(table, name, _list)


def tokens(table: Table, name: str) -> list[list[str]]:
    """The column's lists of labels or tokens: separated by spaces, or JSON; InputError if one is empty."""
    return each_cell(table, name, _tokens)


def vectors(table: Table, name: str) -> list[NDArray[np.float32]]:
    """The column's numeric sequences (T, D), all of one D, NaN where null; InputError for anything else."""
    places = (table.place(row) for row in range(len(table)))
    arrays = [
        as_vectors(steps, f"{place}: column {name!r}")
        for steps, place in zip(each_cell(table, name, _steps), places, strict=True)
    ]
    for row, array in enumerate(arrays):
        if array.shape[1] != arrays[0].shape[1]:
            raise InputError(
                f"{table.place(row)}: a step of column {name!r} has {array.shape[1]} numbers, and in row 1 "
                f"it has {arrays[0].shape[1]}; give all steps as many"
            )
    return arrays


def numbers(table: Table, name: str, *, gaps: bool) -> NDArray[np.float64]:
    """The column's numbers, (N,).

    "", null, NA and NaN are gaps, which become NaN if there may be `gaps`.

    Raises:
        InputError: a cell is no number, infinite, too large for float32, or a gap where none may be.
    """
    cells = table.column(name)
    values = np.empty(len(cells))
    for row, cell in enumerate(cells):
        try:
            values[row] = _number(cell)
        except (TypeError, ValueError, OverflowError):
            raise complaint(
                table, name, row, "is not a number; correct it" + ", or leave it empty" * gaps
            ) from None
    for row in np.flatnonzero(np.abs(values) > LARGEST)[:1].tolist():
        raise complaint(table, name, row, "is infinite or too large for float32; correct it, or scale them")
    missing = np.flatnonzero(np.isnan(values)).tolist()
    if missing and not gaps:
        raise _missing(table, name, missing)
    return values


def number_matrix(table: Table, names: Sequence[str], *, gaps: bool) -> NDArray[np.float64]:
    """The numbers of several columns, (N, D), one or more; see `numbers`."""
    return np.column_stack([numbers(table, name, gaps=gaps) for name in names])


def paths(table: Table, name: str) -> list[Path]:
    """The column's files, which lie relative to the table; InputError naming those that do not exist."""
    files = [table.path.parent / text for text in texts(table, name)]
    absent = [row for row, file in enumerate(files) if not _is_file(file)]
    if absent:
        names = named((f"{shown(table.column(name)[row])} (row {row + 1})" for row in absent), most=None)
        raise InputError(
            f"{table.path}: {len(absent):,} of {len(files):,} files in column {name!r} do not exist: "
            f"{names}; correct the paths, which are relative to the table's folder"
        )
    return files


def is_list(cell: Any) -> bool:
    """Whether a cell is a list, or a text that is meant to be a JSON list."""
    if isinstance(cell, str):
        return _JSON_LIST.match(cell) is not None and cell.rstrip().endswith("]")
    return isinstance(cell, list)


def label_of(cell: Any) -> str:
    """A label as text; ValueError if it is no label."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int):
        return str(cell)
    if isinstance(cell, str):
        if _SURROGATE.search(cell):
            raise ValueError("has half a character, a lone surrogate; correct it")
        return cell
    raise ValueError("is no label; give a text or a whole number")


def is_number(cell: Any) -> bool:
    """Whether a cell is a number or a gap."""
    try:
        _number(cell)
    except (TypeError, ValueError, OverflowError):
        return False
    return True


def shown(value: Any) -> str:
    """A value in a message."""
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def each_cell(table: Table, name: str, convert: Callable[[Any], _T]) -> list[_T]:
    """What `convert` makes of each cell of a column.

    Raises:
        InputError: a cell is missing; or `convert` raised a ValueError, which is the end of the message.
    """
    cells = table.column(name)
    missing = [row for row, cell in enumerate(cells) if cell is None or cell == ""]
    if missing:
        raise _missing(table, name, missing)
    values = []
    for row, cell in enumerate(cells):
        try:
            values.append(convert(cell))
        except ValueError as error:
            raise complaint(table, name, row, str(error)) from None
    return values


def complaint(table: Table, name: str, row: int, fault: str) -> InputError:
    """The error that a cell is at fault: a message with its row, its value and what to do."""
    return InputError(f"{table.place(row)}: {shown(table.column(name)[row])} in column {name!r} {fault}")


def _text(cell: Any) -> str:
    if isinstance(cell, str):
        return cell
    raise ValueError("is no text; put it in quotes")


def _list(cell: Any) -> list[Any]:
    if isinstance(cell, str):
        return _json_list(cell) if is_list(cell) else cell.split()
    if isinstance(cell, list):
        return cell
    raise ValueError("is no list; separate items by spaces, or give a JSON list")


def _json_list(cell: str) -> list[Any]:
    try:
        items = json.loads(cell)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"is no JSON list ({one_line(error)}); correct it") from None
    if not isinstance(items, list):
        raise ValueError("is no JSON list; give one")
    return items


def _tokens(cell: Any) -> list[str]:
    items = _list(cell)
    if not all(isinstance(item, (str, int)) for item in items):
        raise ValueError("has an item that is neither a text nor a whole number; correct it")
    items = [label_of(item) for item in items]
    if items and all(items):
        return items
    raise ValueError(
        "has an empty item; fill it or remove it" if items else "has no items; fill it or remove the row"
    )


def _steps(cell: Any) -> Sequence[Any]:
    if is_number(cell):
        raise ValueError(
            "is one number, no sequence; give lists, more columns, or the id of the sequence of each row"
        )
    steps = _json_list(cell) if isinstance(cell, str) else cell
    if not isinstance(steps, list):
        raise ValueError("is no numeric sequence; give a list of numbers, or of lists of them")
    if not steps:
        raise ValueError("has no steps; fill it or remove the row")
    widths = {len(step) if isinstance(step, list) else None for step in steps}
    if len(widths) > 1 or widths == {0}:
        raise ValueError("has steps of different widths; give every step as many numbers")
    return steps


def _missing(table: Table, name: str, rows: Sequence[int]) -> InputError:
    where = named(f"row {row + 1}" for row in rows)
    return InputError(f"{table.path}: nothing in column {name!r} in {where}; fill it or remove the row")


def _number(cell: Any) -> float:
    if cell is None or (isinstance(cell, str) and cell.strip().lower() in _GAPS):
        return np.nan
    return float(cell)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # no name a file can have
        return False
