"""One side of a translator: sentences as the ids that a network reads or writes, and back."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError
from ostinato.data._copies import MOST_SLOTS, Slots
from ostinato.data._kinds import learn_tokenizer, tokenizer_from_json
from ostinato.data._tokenizer import REPLACEMENT, Tokenizer
from ostinato.data._vocabulary import Vocabulary

_NO_SLOTS = Slots()
_SUBWORDS = 2000
_SINGLE_WORDS = 0.9  # share of texts that are one word each, from which on letters are read


class SentenceEncoder(ABC):
    """Sentences as ids: what is known, 0 … K - 1; slots, K … K + slots - 1; the end; the beginning.

    Args:
        known: K, the number of ids of the vocabulary.
        slots: ids for what is copied.

    Attributes:
        kind: "text" or "tokens", as of `Examples`.
        unknown_id: stands for what is not in the vocabulary; None where nothing can be.
        end: comes after the last id.
        begin: comes before the first one.
    """

    kind: ClassVar[str]
    unknown_id: int | None

    def __init__(self, known: int, slots: int = 0) -> None:
        self.slots = range(known, known + slots)
        self.end = known + slots
        self.begin = self.end + 1

    @property
    def size(self) -> int:
        """The number of ids, end and beginning included."""
        return self.begin + 1

    @property
    def spells(self) -> bool:
        """Whether it goes letter by letter."""
        return False

    @abstractmethod
    def encode(self, sentence: Any, slots: Slots = _NO_SLOTS) -> NDArray[np.int64]:
        """(T,) ids of a sentence, its end not among them; what is in a slot becomes the slot's id."""

    @abstractmethod
    def decode(self, ids: Iterable[int], slots: Slots = _NO_SLOTS) -> Any:
        """The sentence of ids that are neither beginning nor end."""

    @abstractmethod
    def tokens(self, ids: Iterable[int], slots: Slots = _NO_SLOTS) -> list[str]:
        """Each id to look at."""

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """All there is to know, JSON-able."""


class TextSentences(SentenceEncoder):
    """Texts, whose characters, words or subwords have ids."""

    kind = "text"

    def __init__(self, tokenizer: Tokenizer, slots: int = 0) -> None:
        super().__init__(len(tokenizer), slots)
        self.tokenizer = tokenizer
        self.unknown_id = tokenizer.unknown_id

    @classmethod
    def learn(
        cls, texts: Sequence[str], copied: Sequence[Slots], tokens: str, size: int | None, slots: int
    ) -> Self:
        """The vocabulary of training texts, without what they copy.

        Args:
            texts: of training.
            copied: what each of them copies.
            tokens: "characters", "words", "subwords" or, by the look of the texts, "auto": characters where
                nine of ten have no space in them, such as words, else subwords.
            size: ids of the vocabulary at most; None: 2,000 subwords, which a few thousand sentences show
                often enough to be learned, else the tokenizer's default.
            slots: ids for what is copied.
        """
        if tokens == "auto":
            single = sum(len(text.split()) <= 1 for text in texts)
            tokens = "characters" if single >= _SINGLE_WORDS * len(texts) else "subwords"
        if tokens == "subwords" and size is None:
            size = _SUBWORDS
        pieces = [piece for text, own in zip(texts, copied, strict=True) for piece in own.cut(text)]
        read = [piece for piece in pieces if isinstance(piece, str)]
        return cls(learn_tokenizer(tokens, read, size), slots)

    @property
    def spells(self) -> bool:
        """Whether it goes letter by letter."""
        return self.tokenizer.kind == "characters"

    def encode(self, sentence: str, slots: Slots = _NO_SLOTS) -> NDArray[np.int64]:
        """(T,) ids of a text."""
        parts = [
            self.tokenizer.encode(piece) if isinstance(piece, str) else [self.slots[piece]]
            for piece in slots.cut(sentence)
        ]
        return np.concatenate([np.zeros(0), *parts]).astype(np.int64)

    def decode(self, ids: Iterable[int], slots: Slots = _NO_SLOTS) -> str:
        """The text; of subwords that end inside a character, without that."""
        pieces: list[str | int] = []
        for copied, run in groupby(ids, self.slots.__contains__):
            if copied:
                pieces += [token - self.slots.start for token in run]
            else:
                pieces.append(b"".join(map(self.tokenizer.token_bytes, run)).decode("utf-8", "ignore"))
        return slots.fill(pieces)

    def tokens(self, ids: Iterable[int], slots: Slots = _NO_SLOTS) -> list[str]:
        """What does not print is escaped; a slot is what it stands for."""
        return [
            slots.strings[token - self.slots.start] if token in self.slots else self.tokenizer.token(token)
            for token in ids
        ]

    def to_json(self) -> dict[str, Any]:
        """The tokenizer and the number of slots."""
        return {"kind": self.kind, "tokenizer": self.tokenizer.to_json(), "slots": len(self.slots)}


class TokenSentences(SentenceEncoder):
    """Lists of tokens that are given as they are; id 0 is an unseen one."""

    kind = "tokens"
    unknown_id = 0

    def __init__(self, vocabulary: Vocabulary) -> None:
        super().__init__(len(vocabulary))
        self.vocabulary = vocabulary

    @classmethod
    def learn(cls, sentences: Iterable[Sequence[str]], size: int | None) -> Self:
        """The most frequent tokens of training sentences; None: all of them."""
        return cls(Vocabulary.learn(sentences, size))

    def encode(self, sentence: Sequence[str], slots: Slots = _NO_SLOTS) -> NDArray[np.int64]:
        """(T,) ids of a list of tokens; nothing is copied."""
        return self.vocabulary.encode(sentence).astype(np.int64)

    def decode(self, ids: Iterable[int], slots: Slots = _NO_SLOTS) -> list[str]:
        """The tokens; U+FFFD for the unknown one."""
        return [self.vocabulary.entries[token - 1] if token else REPLACEMENT for token in ids]

    def tokens(self, ids: Iterable[int], slots: Slots = _NO_SLOTS) -> list[str]:
        """The same."""
        return self.decode(ids)

    def to_json(self) -> dict[str, Any]:
        """The vocabulary."""
        return {"kind": self.kind, "vocabulary": self.vocabulary.to_json()}


def sentence_encoder_from_json(value: Any) -> SentenceEncoder:
    """The encoder whose `to_json` gave `value`; safe for a stranger's JSON.

    Raises:
        InputError: `value` describes no encoder of sentences.
    """
    kind = value.get("kind") if isinstance(value, dict) else None
    if kind == TokenSentences.kind:
        return TokenSentences(Vocabulary.from_json(value.get("vocabulary")))
    if kind != TextSentences.kind:
        raise InputError("the `kind` of sentences must be text or tokens; save the model anew")
    slots = value.get("slots")
    if not isinstance(slots, int) or isinstance(slots, bool) or not 0 <= slots <= MOST_SLOTS:
        raise InputError(f"sentences have 0 to {MOST_SLOTS} slots, not {slots!r}; save the model anew")
    return TextSentences(tokenizer_from_json(value.get("tokenizer")), slots)
