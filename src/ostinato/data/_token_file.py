"""Token ids on disk, so that a text larger than memory can be trained on.

A token file is flat: one little-endian unsigned integer per id, of 2 bytes if the tokenizer has at most 65536
ids, else of 4.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError
from ostinato._files import replacing
from ostinato.data._tokenizer import Tokenizer


def write_tokens(path: Path, tokenizer: Tokenizer, chunks: Iterable[str]) -> int:
    """Encode a text into a token file, a chunk at a time; the file is written whole or not at all.

    Returns:
        The number of ids.

    Raises:
        InputError: the file cannot be written, or `chunks` raised it.
    """
    count = 0
    with replacing(path) as part, part.open("wb") as file:
        for chunk in chunks:
            ids = tokenizer.encode(chunk)
            file.write(ids.astype(_dtype(tokenizer)).data)
            count += len(ids)
    return count


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
