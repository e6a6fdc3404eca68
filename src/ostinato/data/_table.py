"""Tables: .csv, .tsv, .jsonl and .parquet files as named columns."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ostinato._errors import InputError, ParameterError, one_line
from ostinato.data._text import read_text

_LARGEST_FIELD = 2**31 - 1  # characters; the csv module's own limit is 131,072


@dataclass(frozen=True)
class Table:
    """A table that was read.

    Attributes:
        path: its file.
        cells: each column's values by its name: `str` in .csv and .tsv, where "" is nothing; JSON's values in
            .jsonl; Python's in .parquet. None is nothing.
        place: the name of row i in messages, "names.tsv, row 17": rows are counted from 1, which is the
            first one below the header; blank lines are not counted.
    """

    path: Path
    cells: Mapping[str, list[Any]]
    place: Callable[[int], str]

    def __len__(self) -> int:
        """The number of rows."""
        return len(next(iter(self.cells.values())))

    @property
    def columns(self) -> list[str]:
        """The columns' names."""
        return list(self.cells)

    def column(self, name: str) -> list[Any]:
        """The cells of a column.

        Raises:
            InputError: there is no such column; the message says which there are.
        """
        if name not in self.cells:
            raise InputError(f"{self.path} has no column {name!r}; it has {', '.join(map(repr, self.cells))}")
        return self.cells[name]

    def only(self, names: Sequence[str], parameter: str) -> str:
        """The one column that a parameter names.

        Raises:
            ParameterError: it names none, or several.
        """
        if len(names) != 1:
            have = f"names {len(names)} columns; one is needed" if names else "is needed"
            raise ParameterError(parameter, f"{have}: {self.path} has {', '.join(map(repr, self.cells))}")
        return names[0]


def read_table(path: Path) -> Table:
    r"""A table with all its rows; at least one column and one row.

    .csv and .tsv have a header and are UTF-8. A field in quotes may hold separators, newlines and, doubled,
    quotes. In .tsv files a quote is often just a quote: if not every one in the file is part of a properly
    quoted field, all are read as they stand. A line of .jsonl is an object; a key that it lacks is None.

    Raises:
        InputError: the file is missing, of another kind, broken, or has no rows; a row has too few or too
            many fields.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path} is a folder; name a table" if path.is_dir() else f"{path}: no such file")
    if path.suffix.lower() not in _READERS:
        raise InputError(f"{path} is no table that can be read; those are {', '.join(_READERS)}")
    cells = _READERS[path.suffix.lower()](path)
    if not cells:
        raise InputError(f"{path} has no columns; give a table with named columns")
    if not next(iter(cells.values())):
        raise InputError(f"{path} has no rows below its header; give a table with rows")
    return Table(path, cells, partial(_place, path))


def _place(path: Path, row: int) -> str:
    return f"{path}, row {row + 1}"


def _read_csv(path: Path) -> dict[str, list[Any]]:
    return _delimited(path, "".join(read_text([path])), delimiter=",", strict=True)


def _read_tsv(path: Path) -> dict[str, list[Any]]:
    text = "".join(read_text([path]))
    try:
        return _delimited(path, text, delimiter="\t", strict=True)
    except InputError:
        return _delimited(path, text, delimiter="\t", quoting=csv.QUOTE_NONE)


def _delimited(path: Path, text: str, **dialect: Any) -> dict[str, list[Any]]:
    """The columns of a text with a header; not by polars, which pads short rows and names none in errors."""
    with _long_fields():
        reader = csv.reader(io.StringIO(text, newline=""), **dialect)
        try:
            rows = [row for row in reader if row]
        except csv.Error as error:
            raise InputError(
                f"{path}, line {reader.line_num}: {error}; a field with quotes in it must be in quotes, its "
                f'own doubled: "so ""called"" fields"'
            ) from None
    if not rows:
        raise InputError(f"{path} is empty; give a table with a header and rows")
    header = rows.pop(0)
    for name in header:
        if header.count(name) > 1:
            raise InputError(f"{path} has two columns {name!r}; rename one")
    for index, row in enumerate(rows):
        if len(row) != len(header):
            raise InputError(
                f"{_place(path, index)} has {len(row)} fields and the header has {len(header)}; "
                f"give every row as many"
            )
    columns = zip(*rows, strict=True) if rows else ([] for _ in header)
    return {name: list(column) for name, column in zip(header, columns, strict=True)}


@contextmanager
def _long_fields() -> Iterator[None]:
    """Fields as long as they are, while a file is read."""
    limit = csv.field_size_limit(_LARGEST_FIELD)
    try:
        yield
    finally:
        csv.field_size_limit(limit)


def _read_jsonl(path: Path) -> dict[str, list[Any]]:
    rows = []
    for number, line in enumerate("".join(read_text([path])).split("\n"), start=1):
        if line.strip():
            rows.append(_json_object(line, f"{path}, line {number}"))
    if not rows:
        raise InputError(f"{path} has only blank lines; give a JSON object on each line")
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}


def _json_object(line: str, place: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{place} is not JSON: {one_line(error)}; give one object on each line") from None
    if not isinstance(value, dict):
        raise InputError(f'{place} is not a JSON object; give one on each line: {{"column": value, …}}')
    return value


def _read_parquet(path: Path) -> dict[str, list[Any]]:
    import polars  # only who reads .parquet needs it
    from polars.exceptions import PanicException, PolarsError

    try:
        frame = polars.read_parquet(path.read_bytes())
    except (PolarsError, PanicException, OSError) as error:
        raise InputError(f"{path} cannot be read as .parquet ({one_line(error)}); write it anew") from None
    return {column.name: column.to_list() for column in frame}


_READERS: Mapping[str, Callable[[Path], dict[str, list[Any]]]] = {
    ".csv": _read_csv,
    ".tsv": _read_tsv,
    ".jsonl": _read_jsonl,
    ".parquet": _read_parquet,
}
