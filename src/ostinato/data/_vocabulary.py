"""Tokens that are given as they are, numbered."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError
from ostinato.data._tokenizer import MAXIMUM_SIZE, check_distinct


class Vocabulary:
    """Distinct strings numbered from 1 on; id 0 is everything unseen.

    Args:
        entries: the strings.
    """

    def __init__(self, entries: Sequence[str]) -> None:
        check_distinct(entries, "entries")
        self.entries = list(entries)
        self._ids = {entry: index for index, entry in enumerate(entries, start=1)}

    @classmethod
    def learn(cls, sequences: Iterable[Iterable[str]], size: int | None = None) -> Self:
        """The most frequent tokens, at most `size` ids with the unknown one; ties by name."""
        counts = Counter(token for sequence in sequences for token in sequence if token)
        entries = sorted(counts, key=lambda token: (-counts[token], token))
        return cls(entries if size is None else entries[: max(1, size - 1)])

    def __len__(self) -> int:
        return len(self.entries) + 1

    def encode(self, tokens: Iterable[str]) -> NDArray[np.int32]:
        """(T,) ids."""
        return np.fromiter((self._ids.get(token, 0) for token in tokens), np.int32)

    def to_json(self) -> list[str]:
        """The entries."""
        return list(self.entries)

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """The vocabulary that `to_json` described.

        Raises:
            InputError: `value` is anything else.
        """
        if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
            raise InputError("a vocabulary must be a list of strings; save it anew")
        if len(value) > MAXIMUM_SIZE:
            raise InputError(f"a vocabulary of {len(value)} entries; there may be {MAXIMUM_SIZE} at most")
        return cls(value)
