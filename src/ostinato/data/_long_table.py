"""A long table: each row is a step, and an id says of which sequence."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError
from ostinato.data._cells import labels, number_matrix, shown
from ostinato.data._columns import Columns
from ostinato.data._examples import Examples
from ostinato.data._table import Table
from ostinato.data._targets import row_targets

_Rows = NDArray[np.int64]


def read_long_table(
    table: Table, columns: Columns, group: str, kind: str, *, task: str, targets: bool
) -> Examples:
    """The sequences of a long table in order of first appearance, their steps in the order of the rows.

    Args:
        table: the table.
        columns: of input and target.
        group: the column whose value all rows of a sequence share.
        kind: "vectors" for columns of numbers, or "tokens" for one column with a token in each row.
        task: "tag": each row has its own label; "classify", "regress": all rows of a sequence have the same.
        targets: whether they are read.

    Raises:
        InputError: another kind or task, a cell is missing or wrong, or rows of one sequence differ in their
            target.
    """
    if kind not in ("vectors", "tokens") or task == "generate":
        what = "to generate" if task == "generate" else f"for {kind}"
        raise InputError(f"{table.path}: rows that are steps, with an id, are not {what}; leave the id out")
    rows_of: dict[str, list[int]] = {}
    for row, name in enumerate(labels(table, group)):
        rows_of.setdefault(name, []).append(row)
    groups = [np.array(rows) for rows in rows_of.values()]
    places = [f"{table.path}, {group} {name!r} (from row {rows[0] + 1})" for name, rows in rows_of.items()]
    inputs = _inputs(table, columns, kind, groups)
    target = _targets(table, columns, task, groups, places) if targets else None
    return Examples(inputs, kind, target, place=places.__getitem__)


def _inputs(table: Table, columns: Columns, kind: str, groups: Sequence[_Rows]) -> list[Any]:
    if kind == "tokens":
        return _grouped(labels(table, table.only(columns.input, "input")), groups)
    steps = number_matrix(table, columns.input, gaps=True).astype(np.float32)
    return [steps[rows] for rows in groups]


def _targets(
    table: Table, columns: Columns, task: str, groups: Sequence[_Rows], places: Sequence[str]
) -> list[Any]:
    targets = _grouped(row_targets(table, columns, task), groups)
    if task == "tag":
        return targets
    for target, rows, place in zip(targets, groups, places, strict=True):
        for value, row in zip(target, rows, strict=True):
            if value != target[0]:
                raise InputError(
                    f"{place} has the target {shown(target[0])}, but in row {row + 1} {shown(value)}; "
                    f"give all its rows the same"
                )
    return [target[0] for target in targets]


def _grouped(values: Sequence[Any], groups: Sequence[_Rows]) -> list[list[Any]]:
    return [[values[row] for row in rows] for rows in groups]
