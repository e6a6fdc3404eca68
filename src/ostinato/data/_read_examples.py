"""From a file or a folder to examples."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError, ParameterError
from ostinato.data._cells import number_matrix, paths, texts, tokens, vectors
from ostinato.data._class_folders import read_class_folders
from ostinato.data._column_kinds import input_kind, look_of, sentence_kind
from ostinato.data._columns import SENTENCE_KINDS, Columns
from ostinato.data._examples import KINDS, Examples
from ostinato.data._long_table import read_long_table
from ostinato.data._table import Table, read_table
from ostinato.data._targets import read_targets
from ostinato.data._ts import TS_TASKS, read_ts

_TASKS = ("classify", "regress", "tag", "generate", "translate")
_READERS: Mapping[str, Callable[[Table, str], list[Any]]] = {
    "text": texts,
    "tokens": tokens,
    "audio": paths,
    "video": paths,
}


def read_examples(path: Path, columns: Columns | None = None, *, task: str, targets: bool = True) -> Examples:
    """The examples in a table, a .ts file, or a folder with a folder for each class.

    In a table each row is an example. Its input is a text; a list of tokens, separated by spaces or JSON; a
    list of numbers, or of lists of them, one for each step; the path of a recording, relative to the
    table's folder; or the numbers in several columns, which are as many steps of one value. With an id
    column each row is a step instead, and the rows that share an id are a sequence. What stands in a single
    column is seen from its cells, unless `columns.kind` says it. Missing numbers of an input are NaN;
    nothing else may be missing.

    Args:
        path: the file or folder.
        columns: of a table; None for what has no columns.
        task: what the targets are. "classify": a label for each sequence. "regress": a number for each, or
            several. "tag": a label for each step, or `Segment`s of a recording. "generate": a text or a
            numeric sequence; the input is then a text, or numbers that are one vector, (1, D). "translate":
            a text or a list of tokens, as the input.
        targets: whether they are read; if not, their columns need not be there.

    Returns:
        The examples. `Columns.from_json` of their `origin["columns"]` reads another table like this one.

    Raises:
        InputError: the file is missing, broken or empty; a column is missing; or a cell is, or is wrong, with
            its row and value.
    """
    if task not in _TASKS:
        raise ParameterError("task", f"is {task!r}: it must be one of {', '.join(_TASKS)}")
    path = Path(path)
    columns = columns or Columns()
    _check_kind("kind", columns.kind, SENTENCE_KINDS if task == "translate" else KINDS)
    _check_kind("target_kind", columns.target_kind, SENTENCE_KINDS)
    if path.is_dir() or path.suffix.lower() == ".ts":
        return _read_without_columns(path, columns, task, targets)
    table = read_table(path)
    if not columns.input:
        table.only(columns.input, "input")
    kind = columns.kind
    if kind == "auto":
        kind = input_kind(table, columns.input, by_row=columns.id is not None, task=task)
    if task == "translate" and targets and columns.target_kind == "auto":
        columns = replace(columns, target_kind=sentence_kind(table, table.only(columns.targets, "target")))
    if columns.id is not None:
        examples = read_long_table(table, columns, columns.id, kind, task=task, targets=targets)
    else:
        inputs = _inputs(table, columns.input, kind, task)
        target = read_targets(table, columns, kind, inputs, task) if targets else None
        examples = Examples(inputs, kind, target, place=table.place)
    return replace(examples, origin={"format": "table", "columns": replace(columns, kind=kind).to_json()})


def _check_kind(parameter: str, kind: str, kinds: Sequence[str]) -> None:
    if kind not in ("auto", *kinds):
        raise ParameterError(parameter, f"is {kind!r}: it must be auto, {', '.join(kinds)}")


def _read_without_columns(path: Path, columns: Columns, task: str, targets: bool) -> Examples:
    if path.is_dir() and targets and task != "classify":
        raise InputError(f"{path} is a folder, from which one can classify; to {task}, name a table")
    if not path.is_dir() and task not in TS_TASKS:
        raise InputError(
            f"{path}: a .ts file has a label for each series; classify or regress them, or, to {task}, name "
            f"a table"
        )
    if columns.input or columns.targets or columns.id is not None:
        raise InputError(f"{path} is no table and has no columns; name none")
    if not path.is_dir():
        if columns.kind not in ("auto", "vectors"):
            raise ParameterError("kind", f"is {columns.kind!r} and {path} has numbers: leave it out")
        return read_ts(path, task=task, targets=targets)
    return read_class_folders(path, kind=columns.kind, targets=targets)


def _inputs(table: Table, names: Sequence[str], kind: str, task: str) -> list[Any]:
    """The input of each row."""
    if kind == "vectors":
        return _conditions(table, names) if task == "generate" else _sequences(table, names)
    name = table.only(names, "input")
    return _READERS[kind](table, name)


def _sequences(table: Table, names: Sequence[str]) -> list[NDArray[np.float32]]:
    """(T, D) from a column of lists, or (T, 1) from T columns of numbers."""
    if len(names) == 1:
        return vectors(table, names[0])
    return list(number_matrix(table, names, gaps=True).astype(np.float32)[:, :, None])


def _conditions(table: Table, names: Sequence[str]) -> list[NDArray[np.float32]]:
    """(1, D) from D columns of numbers, or from a column of lists of D numbers."""
    if len(names) > 1 or look_of(table, names[0]) == "numbers":
        return list(number_matrix(table, names, gaps=True).astype(np.float32)[:, None, :])
    arrays = [array.reshape(1, -1) for array in vectors(table, names[0])]
    for row, array in enumerate(arrays):
        if array.shape != arrays[0].shape:
            raise InputError(
                f"{table.place(row)}: {array.size} numbers in column {names[0]!r}, and in row 1 "
                f"{arrays[0].size}; give every row as many"
            )
    return arrays
