"""What a user may give as text, read the same way: a string, a file, or several of either."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ostinato._errors import InputError
from ostinato.data import fingerprint, read_text

_CHUNK = 1 << 20


class Texts:
    """A text that can be read again and again in chunks.

    Args:
        X: a string is text; a `pathlib.Path` is a file; a list, array or data frame column may hold either.
            Files are read one straight after the other; strings of a list each end with a newline, given
            where they lack it.

    Raises:
        InputError: X is none of these, or holds nothing.
    """

    def __init__(self, X: Any) -> None:
        items = [X] if isinstance(X, (str, os.PathLike)) else _items(X)
        if not items:
            raise InputError("there is no text: the list of texts is empty")
        self.paths: list[Path] | None = None
        self.strings: Sequence[str] = ()
        if all(isinstance(item, os.PathLike) for item in items):
            self.paths = [Path(item) for item in items]
        elif all(isinstance(item, str) for item in items):
            self.strings = [X] if isinstance(X, str) else [_line(str(item)) for item in items]
            if not any(self.strings):
                raise InputError("there is no text: every string is empty")
        else:
            kinds = sorted({type(item).__name__ for item in items})
            raise InputError(f"text must be all strings or all pathlib.Path, not {', '.join(kinds)}")

    def chunks(self) -> Iterator[str]:
        """The text from its beginning."""
        if self.paths is not None:
            yield from read_text(self.paths)
        else:
            for text in self.strings:
                yield from _pieces(text)

    def measured(self) -> tuple[str, int]:
        """The text's fingerprint and its length in characters, read once."""
        characters = 0

        def counted() -> Iterator[str]:
            nonlocal characters
            for chunk in self.chunks():
                characters += len(chunk)
                yield chunk

        return fingerprint(counted()), characters


def _items(X: Any) -> list[Any]:
    if isinstance(X, np.ndarray) and X.ndim != 1:
        raise InputError(f"an array of texts must have one dimension, not {X.ndim}")
    if not isinstance(X, Iterable) or isinstance(X, (bytes, bytearray, Mapping)):
        raise InputError(f"text must be a string, a pathlib.Path or a list of them, not {type(X).__name__}")
    return list(X)


def _pieces(text: str) -> Iterator[str]:
    """Cut as a file is read, after a newline, since no token goes past one; else after a space, if any."""
    start = 0
    while start < len(text):
        end = start + _CHUNK
        if end < len(text):
            end = text.rfind("\n", start, end) + 1 or text.rfind(" ", start, end) + 1 or end
        yield text[start:end]
        start = end


def _line(text: str) -> str:
    return text if text.endswith("\n") else text + "\n"
