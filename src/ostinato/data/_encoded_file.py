"""Encoded inputs on disk, so that what is larger than memory can be trained on.

NAME.bin holds the steps of all inputs end to end; NAME.json, written last, says whose they are.
"""

import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ostinato._files import replacing, write_json
from ostinato.data._input_encoder import InputEncoder
from ostinato.data._ragged import Ragged, offsets_of

_IN_MEMORY = 1 << 26  # bytes of one input; what is longer waits on the disk for its turn


class Steps(NamedTuple):
    """One encoded input: the bytes of its steps, how many there are, of which dtype."""

    content: IO[bytes]
    length: int
    dtype: str


def spooled(encoder: InputEncoder, directory: Path, item: Any) -> Steps:
    """Encode an input piece by piece; beyond 64 MB its bytes lie in a nameless file of the directory.

    Raises:
        InputError: what the encoder raised.
    """
    content = SpooledTemporaryFile(_IN_MEMORY, dir=str(directory))  # noqa: SIM115  who reads it closes it
    length, dtype = 0, ""
    try:
        for piece in encoder.stream(item):
            content.write(np.ascontiguousarray(piece).data)
            length, dtype = length + len(piece), piece.dtype.str
    except BaseException:
        content.close()
        raise
    content.seek(0)
    return Steps(content, length, dtype)


class EncodedFile:
    """The encoded inputs of one run in a directory.

    Args:
        directory: that exists.
        name: of the two files in it.
        encoder: what encodes.
        count: how many inputs there are, skipped ones included.
    """

    def __init__(self, directory: Path, name: str, encoder: InputEncoder, count: int) -> None:
        self._steps, self._index = directory / f"{name}.bin", directory / f"{name}.json"
        self._element = encoder.element
        self._facts = {"encoder": encoder.to_json(), "count": count}

    def is_complete(self) -> bool:
        """Whether an earlier run of this encoder over as many inputs came to its end."""
        try:
            index = json.loads(self._index.read_bytes())
            steps = sum(index["lengths"]) * np.dtype((index["dtype"], self._element)).itemsize
            is_whole = self._steps.stat().st_size == steps
            facts = {name: index[name] for name in self._facts}
        except (OSError, ValueError, KeyError, TypeError):
            return False
        return is_whole and facts == self._facts

    def write(self, results: Iterable[tuple[int, Steps]]) -> None:
        """Write the inputs' steps, each with its input's index, whole or not at all.

        Raises:
            InputError: the files cannot be written, or `results` raised it.
        """
        self._index.unlink(missing_ok=True)
        kept, lengths, dtype = [], [], ""
        with replacing(self._steps) as part, part.open("wb") as file:
            for index, steps in results:
                with steps.content as content:
                    shutil.copyfileobj(content, file)
                kept.append(index)
                lengths.append(steps.length)
                dtype = steps.dtype
        write_json(self._index, {**self._facts, "dtype": dtype, "kept": kept, "lengths": lengths})

    def open(self) -> tuple[Ragged, NDArray[np.int64]]:
        """The steps, read-only, fetched from the disk as they are used, and the indices of their inputs."""
        index = json.loads(self._index.read_bytes())
        dtype, shape = np.dtype(index["dtype"]), (sum(index["lengths"]), *self._element)
        # An empty file cannot be mapped.
        values = np.memmap(self._steps, dtype, "r", shape=shape) if shape[0] else np.empty(shape, dtype)
        return Ragged(values, offsets_of(index["lengths"])), np.array(index["kept"], np.int64)
