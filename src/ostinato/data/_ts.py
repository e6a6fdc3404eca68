"""The .ts files of the UEA and UCR time series archive, https://www.timeseriesclassification.com."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError
from ostinato.data._examples import Examples
from ostinato.data._text import read_text

TS_TASKS = ("classify", "regress")  # that its labels can be for
_LARGEST = float(np.finfo(np.float32).max)


def read_ts(path: Path, *, task: str, targets: bool = True) -> Examples:
    """The series of a .ts file with their labels.

    Lines beginning with # or % are comments, those with @ say what follows. Below @data each is a series:
    its dimensions, separated by colons, each with its values at all steps, separated by commas; then the
    label. "?" and NaN are missing values.

    Args:
        path: the file.
        task: one of `TS_TASKS`.
        targets: whether the labels are read.

    Returns:
        Arrays (T, D) float32 for D dimensions; targets are `str`, `float`, or None.

    Raises:
        InputError: the file is missing, not of this format, has time stamps, no series, or labels for the
            other task; a series has another number of dimensions, dimensions of different lengths or of
            none, something that is no number, or a label that @classLabel does not list.
    """
    lines = _lines(path)
    header = _read_header(path, lines)
    if targets:
        header.check_labels(path, task)
    inputs: list[NDArray[np.float32]] = []
    labels: list[Any] = []
    numbers: list[int] = []
    for number, line in lines:
        place = f"{path}, line {number}"
        dimensions = line.split(":")
        label = dimensions.pop().strip() if header.labelled else ""
        expected = header.dimensions or (inputs[0].shape[1] if inputs else len(dimensions))
        if len(dimensions) != expected or not dimensions:
            raise InputError(f"{place} has {len(dimensions)} dimensions, not {expected or 1}; correct it")
        inputs.append(_series(dimensions, place))
        labels.append(_label(label, header, place) if targets else label)
        numbers.append(number)
    if not inputs:
        raise InputError(f"{path} has no series below @data; give a file with some")
    place_of = partial(_place, path, numbers)
    return Examples(inputs, "vectors", labels if targets else None, {"format": "ts"}, place_of)


@dataclass(frozen=True)
class _Header:
    """What the lines above the data say.

    Attributes:
        dimensions: of each series; None if that is not said.
        classes: the labels there may be; None if there are no classes.
        numbers: whether the labels are numbers.
    """

    dimensions: int | None
    classes: frozenset[str] | None
    numbers: bool

    @property
    def labelled(self) -> bool:
        return self.numbers or self.classes is not None

    def check_labels(self, path: Path, task: str) -> None:
        """InputError unless the labels are for this task."""
        if not self.labelled:
            raise InputError(f"{path} has no labels: neither @classLabel nor @targetLabel is true; add them")
        if self.numbers != (task == "regress"):
            other = "numbers; regress" if self.numbers else "classes; classify"
            raise InputError(f"{path}: the labels are {other} them")


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """The file's lines with their numbers, without blank ones and comments."""
    for number, line in enumerate("".join(read_text([path])).split("\n"), start=1):
        if line.strip() and not line.startswith(("#", "%")):
            yield number, line.strip()


def _read_header(path: Path, lines: Iterator[tuple[int, str]]) -> _Header:
    """The header of a file; `lines` then stands at the first series."""
    said: dict[str, list[str]] = {}
    for number, line in lines:
        keyword, *words = line.split()
        if not keyword.startswith("@"):
            raise InputError(
                f"{path}, line {number}: {keyword[:20]!r} stands before @data; is this a .ts file?"
            )
        if keyword.lower() == "@data":
            break
        said[keyword[1:].lower()] = words
    else:
        raise InputError(f"{path} has no line @data; is this a .ts file?")
    if _is_true(said, "timestamps"):
        raise InputError(f"{path} has time stamps, which cannot be read; save it as values at equal steps")
    classes = frozenset(said["classlabel"][1:]) if _is_true(said, "classlabel") else None
    return _Header(_dimensions(path, said), classes, _is_true(said, "targetlabel"))


def _is_true(said: dict[str, list[str]], keyword: str) -> bool:
    return [word.lower() for word in said.get(keyword, [])[:1]] == ["true"]


def _dimensions(path: Path, said: dict[str, list[str]]) -> int | None:
    words = said.get("dimensions") or said.get("dimension")
    if not words:
        return 1 if _is_true(said, "univariate") else None
    if not words[0].isdecimal() or int(words[0]) < 1:
        raise InputError(f"{path}: @dimensions is {words[0]!r}; give a whole number, 1 or more")
    return int(words[0])


def _series(dimensions: Sequence[str], place: str) -> NDArray[np.float32]:
    """(T, D) of the D dimensions of a line."""
    columns = [_values(dimension, place) for dimension in dimensions]
    lengths = [len(column) for column in columns]
    if len(set(lengths)) > 1:
        raise InputError(f"{place} has dimensions of different lengths: {lengths}; give all as many values")
    return np.array(columns, np.float32).T.copy()


def _values(text: str, place: str) -> list[float]:
    if not text.strip():
        raise InputError(f"{place} has a dimension without values; fill it or remove the series")
    return [_number(word, place) for word in text.split(",")]


def _number(word: str, place: str) -> float:
    try:
        value = float("nan" if word.strip() == "?" else word)
    except ValueError:
        raise InputError(f"{place}: {word!r} is not a number; correct it, or give ? for a gap") from None
    if abs(value) > _LARGEST:
        raise InputError(f"{place}: {word!r} is infinite or too large for float32; correct it, or give ?")
    return value


def _label(word: str, header: _Header, place: str) -> Any:
    if header.numbers:
        value = _number(word, place)
        if np.isnan(value):
            raise InputError(f"{place} has no target; give a number or remove the series")
        return value
    if not word:
        raise InputError(f"{place} has no label after its last colon; add it or remove the series")
    if header.classes and word not in header.classes:
        classes = ", ".join(sorted(header.classes))
        raise InputError(f"{place}: @classLabel does not list {word!r}, only {classes}; correct one of them")
    return word


def _place(path: Path, numbers: Sequence[int], index: int) -> str:
    return f"{path}, line {numbers[index]}"
