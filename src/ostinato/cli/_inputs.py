"""What the inputs on a command line stand for: values, files, or - for lines on stdin."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import BufferedIOBase
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ostinato._errors import InputError, one_line
from ostinato.cli._console import check_utf8
from ostinato.cli._sources import read_like

if TYPE_CHECKING:
    from ostinato.data import Examples

_TABLES = (".csv", ".tsv", ".jsonl", ".parquet", ".ts")
RECORDINGS = ("audio", "video")
_AT_A_TIME = 256  # inputs of a file
_RECORDINGS_AT_A_TIME = 8
_CHUNK = 1 << 16  # bytes of stdin


@dataclass(frozen=True)
class Batch:
    """Inputs that are answered together.

    Attributes:
        names: how each is shown.
        examples: the inputs.
        typed: whether it is a single one from the command line, which may have a long answer.
    """

    names: Sequence[str]
    examples: "Examples"
    typed: bool = False


def batches(values: Iterable[str], kind: str, origin: Mapping[str, Any], task: str) -> Iterator[Batch]:
    """The inputs that were named, in their order.

    Args:
        values: a value; a table, .ts file, recording, or file with a value on each line; a folder of texts or
            recordings; "-" for values on the lines of stdin, a batch being what has come until now.
        kind: of input that the model reads.
        origin: how its training file was read.
        task: of the model.
    """
    for value in values:
        path = existing(value)
        if value == "-":
            for numbered in _stdin():
                yield from _numbered_lines(numbered, kind, "stdin")
        elif path is None or (path.is_dir() and not _may_be_folder(kind, origin)):
            check_utf8("INPUT", value)
            yield replace(_batch([_checked(value)], kind, ["INPUT"]), typed=True)
        elif path.is_dir() or path.suffix.lower() in _TABLES:
            yield from _in_pieces(read_like(path, origin, task, targets=False))
        elif kind in RECORDINGS:
            yield replace(_batch([value], kind, [value]), typed=True)
        elif kind == "text" and _learned_from_files(origin):
            yield _whole_text(path)
        else:
            yield from _lines_of(path, kind)


def _may_be_folder(kind: str, origin: Mapping[str, Any]) -> bool:
    """Whether an input may name a folder; where it may not, it is a word that a folder happens to have."""
    return kind in RECORDINGS or _learned_from_files(origin)


def _learned_from_files(origin: Mapping[str, Any]) -> bool:
    """Whether each file was one input in training."""
    return origin.get("format") == "folders"


def existing(value: str) -> Path | None:
    """The file or folder that a value names; None if it names none."""
    try:
        return Path(value) if Path(value).exists() and value else None
    except (OSError, ValueError):  # too long for a file's name, or with a NUL: then it is a text
        return None


def lines(chunks: Iterable[str]) -> Iterator[str]:
    r"""The lines of a text, which end at `\n` or `\r\n` and nowhere else."""
    begun = ""
    for chunk in chunks:
        *whole, begun = (begun + chunk).split("\n")
        yield from (line.removesuffix("\r") for line in whole)
    if begun:
        yield begun


def stdin_lines() -> Iterator[str]:
    """Line by line as they come, so that a person or a program can talk to the model."""
    return (line for numbered in _stdin() for _, line in numbered)


def _stdin() -> Iterator[Iterator[tuple[int, str]]]:
    """The lines with their numbers: those that are there, then those that have come meanwhile, and so on."""
    count, begun = 0, b""
    while chunk := cast("BufferedIOBase", sys.stdin.buffer).read1(_CHUNK):
        *whole, begun = (begun + chunk).split(b"\n")
        yield _decoded(enumerate((line.removesuffix(b"\r") for line in whole), start=count + 1))
        count += len(whole)
    if begun:
        yield _decoded([(count + 1, begun)])


def _decoded(numbered: Iterable[tuple[int, bytes]]) -> Iterator[tuple[int, str]]:
    for number, line in numbered:
        try:
            text = line.decode()
        except UnicodeDecodeError as error:
            raise InputError(
                f"stdin: line {number} is not UTF-8 at its byte {error.start} "
                f"(0x{line[error.start]:02X}); convert it with iconv"
            ) from None
        yield number, text.removeprefix("\ufeff") if number == 1 else text  # which some programs begin with


def _checked(value: str) -> str:
    """The value, unless it can only be meant as a file."""
    if Path(value).suffix.lower() in _TABLES:
        fault = " is a folder, not a table" if existing(value) else ": no such file"
        raise InputError(f"{value}{fault} (a text that ends like that may come on stdin, with -)")
    return value


def _whole_text(path: Path) -> Batch:
    from ostinato.data import Examples, read_text

    return Batch([str(path)], Examples(["".join(read_text([path]))], "text", place=lambda _: str(path)), True)


def _lines_of(path: Path, kind: str) -> Iterator[Batch]:
    from ostinato.data import read_text

    yield from _numbered_lines(enumerate(lines(read_text([path])), start=1), kind, str(path))


def _numbered_lines(numbered: Iterator[tuple[int, str]], kind: str, where: str) -> Iterator[Batch]:
    size = _RECORDINGS_AT_A_TIME if kind in RECORDINGS else _AT_A_TIME
    while some := list(islice(numbered, size)):
        yield _batch([line for _, line in some], kind, [f"{where}, line {number}" for number, _ in some])


def _in_pieces(examples: "Examples") -> Iterator[Batch]:
    size = _RECORDINGS_AT_A_TIME if examples.kind in RECORDINGS else _AT_A_TIME
    for begin in range(0, len(examples), size):
        rows = range(begin, min(begin + size, len(examples)))
        yield Batch([_name(examples, row) for row in rows], examples.take(rows))


def _name(examples: "Examples", row: int) -> str:
    item = examples.inputs[row]
    if examples.kind == "vectors" or _learned_from_files(examples.origin):
        return examples.place(row)
    return " ".join(item) if examples.kind == "tokens" else str(item)


def _batch(values: list[str], kind: str, places: list[str]) -> Batch:
    from ostinato.data import Examples

    items = [_item(value, kind, place) for value, place in zip(values, places, strict=True)]
    return Batch(values, Examples(items, kind, place=places.__getitem__))


def _item(value: str, kind: str, place: str) -> Any:
    """What a written value stands for."""
    if kind == "text":
        return value
    if kind == "vectors":
        return as_numbers(value, place)
    if kind == "tokens":
        return _tokens(value, place)
    path = existing(value)
    if path is None:
        raise InputError(f"{place}: {value!r}: no such file; give the path of a recording")
    return path


def as_numbers(value: str, place: str) -> Any:
    """A numeric sequence (T, D) as JSON has it, null for a gap.

    Raises:
        InputError: it is none; the message begins with `place`.
    """
    from ostinato.data import as_vectors

    try:
        numbers = json.loads(value)
    except (ValueError, RecursionError):
        numbers = None
    if not isinstance(numbers, list) or not numbers:
        raise InputError(
            f"{place}: {_short(value)} is no numeric sequence: give a JSON list of numbers, [0.5, 0.7], or "
            f"of lists with the numbers of each step, [[0.5, 1], [0.7, 2]]; or a file"
        )
    return as_vectors(numbers, place)


def _tokens(value: str, place: str) -> list[str]:
    """Words between spaces, or a JSON list of strings."""
    if not value.lstrip().startswith('["'):
        return value.split()
    try:
        tokens = json.loads(value)
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"{place}: {_short(value)} is no JSON list ({one_line(error)}); correct it"
        ) from None
    if not isinstance(tokens, list) or not all(isinstance(token, str) for token in tokens):
        raise InputError(f"{place}: {_short(value)} is no list of strings; put all items into quotes")
    return tokens


def _short(value: str) -> str:
    return repr(value if len(value) <= 60 else f"{value[:60]}…")
