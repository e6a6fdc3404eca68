"""The tokenizer of words."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from ostinato.data._pieces import split
from ostinato.data._tokenizer import REPLACEMENT, Tokenizer, check_distinct


class WordTokenizer(Tokenizer):
    """The most frequent words, numbers, punctuation marks and white space have ids; 0 is all the rest.

    A word carries the space before it, so that texts come back exactly; " the" and "the" are two words. In a
    language written without spaces a whole clause is one word: characters or subwords suit it better.
    """

    kind: ClassVar[str] = "words"
    unknown_id: ClassVar[int | None] = 0
    smallest: ClassVar[int] = 2
    default_size: ClassVar[int] = 20_000

    def __init__(self, entries: Sequence[str], form: Literal["NFC"] | None = None) -> None:
        """The tokenizer of these words, in the order of their ids from 1."""
        super().__init__(entries, form)
        check_distinct(entries, "words")
        self._tokens = [entry.encode() for entry in (REPLACEMENT, *entries)]
        self._ids = {word: number for number, word in enumerate(entries, start=1)}

    @staticmethod
    def learn_entries(chunks: Iterable[str], size: int) -> list[str]:
        """The text's `size - 1` most frequent words, most frequent first, equally many by their text."""
        counts: Counter[str] = Counter()
        for chunk in chunks:
            counts.update(split(chunk))
        whole = [
            word for word in counts if word.encode("utf-8", "ignore").decode() == word
        ]  # no lone surrogate
        whole.sort(key=lambda word: (-counts[word], word))
        return whole[: size - 1]

    def _encode(self, text: str) -> NDArray[np.int32]:
        words = split(text)
        return np.fromiter(map(self._ids.get, words, repeat(0)), np.int32, len(words))

    def _unseen(self, text: str) -> list[str]:
        return [word for word in dict.fromkeys(split(text)) if word not in self._ids]
