"""What is to be learned, from the target columns of a table whose rows are examples."""

from collections.abc import Sequence, Sized
from typing import Any

from ostinato._errors import InputError
from ostinato.data._cells import labels, lists, number_matrix, numbers, texts, tokens, vectors
from ostinato.data._column_kinds import look_of
from ostinato.data._columns import Columns
from ostinato.data._segments import Segment, parse_segments
from ostinato.data._table import Table


def read_targets(table: Table, columns: Columns, kind: str, inputs: Sequence[Any], task: str) -> list[Any]:
    """The target of each row.

    Returns:
        For classify labels; for regress numbers, or lists of them if there are several columns; for tag lists
        of labels, for recordings also lists of `Segment`s; for generate texts or arrays (T, D) float32; for
        translate texts or, by `columns.target_kind`, lists of tokens.

    Raises:
        InputError: a cell is missing or no such target, or a row has not as many labels as steps.
    """
    if task in ("classify", "regress"):
        return row_targets(table, columns, task)
    name = table.only(columns.targets, "target")
    if task == "generate":
        return vectors(table, name) if look_of(table, name) == "vectors" else texts(table, name)
    if task == "translate":
        return tokens(table, name) if columns.target_kind == "tokens" else texts(table, name)
    if kind in ("audio", "video"):
        return _segments(table, name)
    return _aligned(table, name, inputs)


def row_targets(table: Table, columns: Columns, task: str) -> list[Any]:
    """A label, a number or a list of numbers for each row."""
    if task == "regress" and len(columns.targets) > 1:
        return list(number_matrix(table, columns.targets, gaps=False).tolist())
    name = table.only(columns.targets, "target")
    return list(numbers(table, name, gaps=False).tolist()) if task == "regress" else labels(table, name)


def _aligned(table: Table, name: str, inputs: Sequence[Sized]) -> list[list[str]]:
    """As many labels as steps in each row."""
    tags = tokens(table, name)
    for row, (steps, given) in enumerate(zip(inputs, tags, strict=True)):
        if len(steps) != len(given):
            raise InputError(
                f"{table.place(row)} has {len(given)} labels in column {name!r} for {len(steps)} steps of "
                f"input; give each step one"
            )
    return tags


def _segments(table: Table, name: str) -> list[list[Segment]] | list[list[str]]:
    """Segments, if the cells hold lists of lists, or labels."""
    cells = lists(table, name)
    if all(isinstance(item, list) for cell in cells for item in cell):
        return [parse_segments(cell, table.place(row)) for row, cell in enumerate(cells)]
    return tokens(table, name)
