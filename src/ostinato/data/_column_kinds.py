"""What the cells of a column look like: a user seldom has to say which kind of input a table holds."""

from collections.abc import Callable, Sequence
from typing import Any

from ostinato._errors import InputError, ParameterError
from ostinato.data._cells import is_list, is_number, shown
from ostinato.data._examples import named
from ostinato.data._suffixes import AUDIO_SUFFIXES, VIDEO_SUFFIXES
from ostinato.data._table import Table


def input_kind(table: Table, names: Sequence[str], *, by_row: bool, task: str) -> str:
    """The kind of these input columns; if `by_row`, each row is one step.

    Several columns are numbers. Of a single one: paths are "audio" or "video", numbers and lists of them
    "vectors", lists of words "tokens"; other cells are "text", or "tokens" to be tagged. What is to be
    translated is "text" or "tokens".

    Raises:
        InputError: nearly all cells are numbers, lists or recordings, and a few are not: a slip in one row
            should not make texts of all. ParameterError for `kind`: they are sound and video.
    """
    if task == "translate":
        return sentence_kind(table, table.only(names, "input"))
    looks = "numbers" if len(names) > 1 else look_of(table, names[0])
    for what, is_such in _ALIKE.get(looks, {}).items():
        _check_alike(table, names[0], what, is_such)
    if looks in ("numbers", "vectors"):
        return "vectors"
    return "tokens" if looks == "text" and (by_row or task == "tag") else looks


def sentence_kind(table: Table, name: str) -> str:
    """What a side of a translation is: "tokens" where all cells are lists, otherwise "text"."""
    cells = [cell for cell in table.column(name) if cell is not None and cell != ""]
    return "tokens" if cells and all(map(is_list, cells)) else "text"


def look_of(table: Table, name: str) -> str:
    """What all the column's cells are: "audio", "video", "numbers", "vectors", "tokens", or else "text"."""
    cells = [cell for cell in table.column(name) if cell is not None and cell != ""]
    if not cells:
        return "text"
    if all(map(is_number, cells)):
        return "numbers"
    if all(map(is_list, cells)):
        return "tokens" if any(map(_has_words, cells)) else "vectors"
    return _look_of_paths(table, name, cells) if all(isinstance(cell, str) for cell in cells) else "text"


def _check_alike(table: Table, name: str, what: str, is_such: Callable[[Any], bool]) -> None:
    """InputError where more than half of the cells are such, and the rest is a slip."""
    cells = {row: cell for row, cell in enumerate(table.column(name)) if cell is not None and cell != ""}
    others = [row for row, cell in cells.items() if not is_such(cell)]
    if 2 * len(others) < len(cells):
        odd = named(f"{shown(cells[row])} (row {row + 1})" for row in others)
        raise InputError(
            f"{table.path}: most cells in column {name!r} are {what}, and {len(others):,} of "
            f"{len(cells):,} are not: {odd}; correct them, or say which kind all are"
        )


def _is_recording(cell: Any) -> bool:
    suffix = f".{cell.rpartition('.')[2].lower()}" if isinstance(cell, str) else ""
    return suffix in AUDIO_SUFFIXES or suffix in VIDEO_SUFFIXES


def _has_no_words(cell: Any) -> bool:
    return is_list(cell) and not _has_words(cell)


# By what all of a column can be, what most of it may have been meant to be.
_ALIKE: dict[str, dict[str, Callable[[Any], bool]]] = {
    "text": {"numbers": is_number, "lists": is_list, "recordings": _is_recording},
    "tokens": {"lists of numbers": _has_no_words},
}


def _has_words(cell: Any) -> bool:
    return '"' in cell if isinstance(cell, str) else any(isinstance(item, str) for item in cell)


def _look_of_paths(table: Table, name: str, cells: Sequence[str]) -> str:
    suffixes = {f".{cell.rpartition('.')[2].lower()}" for cell in cells}
    if suffixes <= AUDIO_SUFFIXES:
        return "audio"
    if suffixes <= VIDEO_SUFFIXES:
        return "video"
    if suffixes <= AUDIO_SUFFIXES | VIDEO_SUFFIXES:
        found = ", ".join(sorted(suffixes))
        raise ParameterError(
            "kind", f"is needed: column {name!r} of {table.path} has files {found}; audio or video?"
        )
    return "text"
