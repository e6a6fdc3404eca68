"""Examples to learn from: inputs, what they are, and their targets."""

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError
from ostinato._files import file_sha256
from ostinato.data._suffixes import AUDIO_SUFFIXES, VIDEO_SUFFIXES

KINDS = ("text", "tokens", "vectors", "audio", "video")
MEDIA = ("audio", "video")  # kinds whose inputs are files that are decoded
_NAMED = 10  # of many bad ones
_EMPTY = "empty"  # a sequence that tells nothing of the others' kind


def _sequence(index: int) -> str:
    return f"sequence {index + 1}"


@dataclass(frozen=True)
class Examples:
    """Inputs of one kind, each with its target where there are targets.

    Attributes:
        inputs: texts (`str`), token sequences (lists of `str`), arrays (T, D) float32 with NaN for missing
            values, or paths of audio or video files.
        kind: "text", "tokens", "vectors", "audio" or "video".
        targets: one for each input, or None.
        origin: how they were read, JSON-able, so that other files can be read alike; {} for Python's values.
        place: the name of input i for messages, such as "names.tsv, row 17".
    """

    inputs: Sequence[Any]
    kind: str
    targets: Sequence[Any] | None = None
    origin: Mapping[str, Any] = field(default_factory=dict)
    place: Callable[[int], str] = _sequence

    @classmethod
    def of(cls, X: Any, y: Any = None) -> "Examples":
        """Examples of Python values.

        Args:
            X: `Examples` as they are; or a list, tuple, numpy array, pandas or polars column of: texts;
                lists of strings, each a sequence of tokens; numeric sequences (T,) or (T, D); or
                `pathlib.Path`s of audio or video files. An array (n, 1) of strings is n texts.
                A numeric array or tensor (n, T) or (n, T, D), or a data frame of numeric columns, is n
                sequences of T steps.
            y: the targets, in a list or any of those; None where there are none.

        Raises:
            InputError: X is none of these, mixes them, is empty, holds an infinite number or a sequence
                of another width, or y has another length.
        """
        if isinstance(X, Examples):
            return X if y is None else replace(X, targets=_targets(y, len(X)))
        items = _items(X)
        if not items:
            raise InputError("there are no sequences: X is empty (0 samples)")
        kind = _kind(items)
        inputs = _vectors(items) if kind == "vectors" else items
        return cls(inputs, kind, None if y is None else _targets(y, len(inputs)))

    def __len__(self) -> int:
        return len(self.inputs)

    def take(self, rows: Iterable[int]) -> "Examples":
        """Some of them, in this order, under their old names."""
        rows = [int(row) for row in rows]
        targets = None if self.targets is None else [self.targets[row] for row in rows]
        return replace(
            self,
            inputs=[self.inputs[row] for row in rows],
            targets=targets,
            place=lambda index: self.place(rows[index]),
        )

    def fingerprint(self) -> str:
        """SHA-256 of inputs and targets; of files, of what is in them."""
        digest = hashlib.sha256(self.kind.encode())
        for item in self.inputs:
            digest.update(_content(item))
        if self.targets is not None:
            digest.update(json.dumps(list(self.targets), default=_plain).encode())
        return digest.hexdigest()


def named(places: Iterable[str], most: int | None = _NAMED) -> str:
    """The first of many bad places, and how many more there are; `most` None: all of them."""
    names = list(places)
    most = len(names) if most is None else most
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return "; ".join(names[:most]) + more


def _items(X: Any) -> list[Any]:
    """The sequences of whatever holds them."""
    if hasattr(X, "to_numpy") and hasattr(X, "columns"):  # a data frame of pandas or polars
        X = X.to_numpy()
        X = X[:, 0] if X.shape[1] == 1 and X.dtype == object else X
    elif hasattr(X, "to_list"):  # one of their columns
        return list(X.to_list())
    elif hasattr(X, "__array__"):
        X = np.asarray(X)
        X = X[:, 0] if _is_column_of_texts(X) else X
    if hasattr(X, "toarray"):
        raise InputError("X is a sparse matrix: give a dense one, X.toarray(), or a list of sequences")
    if isinstance(X, (str, bytes, os.PathLike, Mapping)) or not isinstance(X, Iterable):
        raise InputError(
            f"X must be a list of sequences, not {type(X).__name__}: put a single one into a list"
        )
    if isinstance(X, np.ndarray) and X.ndim < 2 and X.dtype.kind in "biufc":
        raise InputError(
            f"X has {X.ndim} dimension{'s' * (X.ndim != 1)} and must have 2 or 3 (sequences, steps, columns)."
            f" Reshape your data with X.reshape(1, -1) if it is one sequence"
        )
    if isinstance(X, np.ndarray) and len(X) and X.size == 0:
        raise InputError(f"X has 0 feature(s) (shape={X.shape}) while a minimum of 1 is required.")
    return list(X)


def _is_column_of_texts(X: NDArray[Any]) -> bool:
    """Whether it is (n, 1) strings, as transformers hand on a column, and not n sequences of one token."""
    return X.ndim == 2 and X.shape[1] == 1 and len(X) > 0 and isinstance(X[0, 0], str)


def _kind(items: list[Any]) -> str:
    kinds = [_kind_of(item) for item in items]
    known = next((kind for kind in kinds if kind != _EMPTY), "vectors")
    kinds = [known if kind == _EMPTY else kind for kind in kinds]
    for index, kind in enumerate(kinds):
        if kind is None:
            raise InputError(
                f"{_sequence(index)} is a {type(items[index]).__name__}: a sequence must be a string, a list "
                f"of strings, a numeric array (T,) or (T, D), or a pathlib.Path of an audio or video file"
            )
        if kind != kinds[0]:
            raise InputError(
                f"{_sequence(index)} is {kind} and sequence 1 is {kinds[0]}: all must be of one kind"
            )
    return str(kinds[0])


def _kind_of(item: Any) -> str | None:
    if isinstance(item, str):
        return "text"
    if isinstance(item, os.PathLike):
        suffix = Path(item).suffix.lower()
        if suffix in AUDIO_SUFFIXES or suffix in VIDEO_SUFFIXES:
            return "audio" if suffix in AUDIO_SUFFIXES else "video"
        raise InputError(f"{item} is of no known audio or video format: convert it to .wav or .mp4, say")
    if isinstance(item, np.ndarray):
        return "vectors" if item.dtype.kind in "biufcO" else "tokens" if item.dtype.kind == "U" else None
    if hasattr(item, "to_list"):
        item = item.to_list()
    if isinstance(item, (list, tuple)):
        return (
            _EMPTY if not item else "tokens" if all(isinstance(token, str) for token in item) else "vectors"
        )
    return "vectors" if hasattr(item, "__array__") and np.ndim(item) else None  # of another library


def _vectors(items: list[Any]) -> list[NDArray[np.float32]]:
    """(T, D) arrays of one D, all numbers finite or missing."""
    arrays = [as_vectors(item, _sequence(index)) for index, item in enumerate(items)]
    for index, array in enumerate(arrays):
        if array.shape[1] != arrays[0].shape[1]:
            raise InputError(
                f"{_sequence(index)} has {array.shape[1]} columns and sequence 1 has {arrays[0].shape[1]}: "
                f"all must have the same"
            )
    return arrays


def as_vectors(value: Any, place: str) -> NDArray[np.float32]:
    """A numeric sequence (T,) or (T, D) as an array (T, D) float32; None and NaN are missing values.

    Raises:
        InputError: it is no numeric sequence, or a number is infinite; the message begins with `place`.
    """
    if isinstance(value, np.ndarray) and value.dtype.kind == "c":
        raise InputError(f"{place} is complex. Complex data not supported: give its parts as columns")
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(f"{place} is not a numeric sequence (T,) or (T, D): {error}") from None
    if array.ndim not in (1, 2):
        raise InputError(f"{place} has {array.ndim} dimensions: a numeric sequence has 1, (T,), or 2, (T, D)")
    if array.ndim == 1:
        array = array[:, None]
    if array.shape[1] == 0:
        raise InputError(f"{place} has no columns: a numeric sequence has one at least, (T, D)")
    with np.errstate(over="ignore"):
        numbers = array.astype(np.float32)
    if np.isinf(numbers).any():
        step, column = np.argwhere(np.isinf(numbers))[0]
        raise InputError(
            f"{place} has the value {array[step, column]:g} at step {step + 1}, column {column + 1}: infinity"
            f", or a number too large for float32, cannot be learned from; scale it, or NaN if it is missing"
        )
    return numbers


def _targets(y: Any, count: int) -> list[Any]:
    y = np.asarray(y) if hasattr(y, "__array__") else y
    if isinstance(y, (str, bytes)) or not isinstance(y, Iterable):
        raise InputError(f"y must be a list with a target for each sequence, not {type(y).__name__}")
    targets = list(y)
    if len(targets) != count:
        raise InputError(f"y has {len(targets):,} targets and X has {count:,} sequences: give one for each")
    return targets


def _content(item: Any) -> bytes:
    if isinstance(item, np.ndarray):
        return repr(item.shape).encode() + np.ascontiguousarray(item).tobytes()
    if isinstance(item, os.PathLike):
        return file_sha256(Path(item)).encode()
    return json.dumps(item).encode() + b"\n"


def _plain(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else str(value)
