"""Token ids on disk, so that a text larger than memory can be trained on.

A token file is flat: one little-endian unsigned integer per id, of 2 bytes if the tokenizer has at most 65536
ids, else of 4.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError
from ostinato._files import replacing
from ostinato.data._tokenizer import Tokenizer


class Length(NamedTuple):
    """How long an encoded text is: its ids, and the characters they stand for, composed if they were."""

    tokens: int
    characters: int


def write_tokens(path: Path, tokenizer: Tokenizer, *texts: Iterable[str]) -> list[Length]:
    """Encode texts into one token file, one text after the other, whole or not at all.

    Args:
        path: the file.
        tokenizer: what encodes.
        texts: each in chunks, which are encoded one at a time.

    Returns:
        The length of each text.

    Raises:
        InputError: the file cannot be written, or a text raised it.
    """
    with replacing(path) as part, part.open("wb") as file:
        return [_write(file, tokenizer, chunks) for chunks in texts]


def _write(file: BinaryIO, tokenizer: Tokenizer, chunks: Iterable[str]) -> Length:
    tokens = characters = 0
    for chunk in map(tokenizer.formed, chunks):
        ids = tokenizer.encode(chunk)
        file.write(ids.astype(_dtype(tokenizer)).data)
        tokens += len(ids)
        characters += len(chunk)
    return Length(tokens, characters)


def open_tokens(path: Path, tokenizer: Tokenizer) -> NDArray[np.unsignedinteger[Any]]:
    """The ids that `write_tokens` wrote, shape (N,), read-only, fetched from the disk as they are used.

    Raises:
        InputError: the file cannot be read or holds no whole number of ids.
    """
    dtype = _dtype(tokenizer)
    try:
        size = path.stat().st_size
        if size % dtype.itemsize:
            raise InputError(
                f"{path} is not a token file: {size} bytes are no whole number of ids; write it anew"
            )
        if size == 0:  # which cannot be mapped
            return np.empty(0, dtype)
        return np.memmap(path, dtype, "r")
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}; write it anew") from error


def _dtype(tokenizer: Tokenizer) -> np.dtype[np.unsignedinteger[Any]]:
    return np.dtype("<u2" if len(tokenizer) <= 1 << 16 else "<u4")
