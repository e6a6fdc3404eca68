"""The tokenizer of characters."""

from collections.abc import Iterable, Sequence
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError
from ostinato.data._tokenizer import MAXIMUM_SIZE, REPLACEMENT, Tokenizer, check_distinct

_CODE_POINTS = 0x110000
_SURROGATES = slice(0xD800, 0xE000)


class CharacterTokenizer(Tokenizer):
    """A character is a Unicode code point. Id 0 is unknown; then the learned ones, by code point."""

    kind: ClassVar[str] = "characters"
    unknown_id: ClassVar[int | None] = 0
    smallest: ClassVar[int] = 2
    default_size: ClassVar[int] = MAXIMUM_SIZE

    def __init__(self, entries: Sequence[str], form: Literal["NFC"] | None = None) -> None:
        """The tokenizer of these characters, each a string of one, in the order of their code points."""
        super().__init__(entries, form)
        check_distinct(entries, "characters")
        if any(len(entry) != 1 for entry in entries) or self._entries != sorted(entries):
            raise InputError("a tokenizer's characters must be single and in order; save it anew")
        self._tokens = [entry.encode() for entry in (REPLACEMENT, *entries)]
        codes = _codes("".join(entries))
        # Indexed by code point, to one past the last: higher ones are clipped to that, which is unknown.
        self._ids = np.zeros(int(codes[-1]) + 2, np.int32)
        self._ids[codes] = np.arange(1, len(codes) + 1)

    @staticmethod
    def learn_entries(chunks: Iterable[str], size: int) -> list[str]:
        """The text's `size - 1` most frequent characters (of equally many the lower code points), sorted."""
        counts = np.zeros(_CODE_POINTS, np.int64)
        for chunk in chunks:
            found = np.bincount(_codes(chunk))
            counts[: len(found)] += found
        counts[_SURROGATES] = 0
        codes = np.flatnonzero(counts)
        most_frequent = codes[np.argsort(-counts[codes], kind="stable")[: size - 1]]
        return [chr(code) for code in np.sort(most_frequent)]

    def _encode(self, text: str) -> NDArray[np.int32]:
        return self._ids.take(_codes(text), mode="clip")

    def _unseen(self, text: str) -> list[str]:
        codes = _codes(text)[self._encode(text) == 0]
        return [chr(code) for code in dict.fromkeys(codes.tolist())]


def _codes(text: str) -> NDArray[np.uint32]:
    """The code points of `text`, shape (N,)."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
