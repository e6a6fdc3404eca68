"""Texts and sequences of tokens as a network reads them: ids."""

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError
from ostinato.data._input_encoder import InputEncoder
from ostinato.data._kinds import learn_tokenizer, tokenizer_from_json
from ostinato.data._tokenizer import Tokenizer
from ostinato.data._vocabulary import Vocabulary


class IdEncoder(InputEncoder):
    """An encoder whose steps are ids 0 … `size` - 1."""

    @property
    def element(self) -> tuple[int, ...]:
        """(): a step is one id."""
        return ()

    @property
    @abstractmethod
    def size(self) -> int:
        """The number of ids."""


class TextEncoder(IdEncoder):
    """A text → the ids of its characters, words or subwords."""

    kind = "text"

    def __init__(self, tokenizer: Tokenizer, lowercase: bool = False) -> None:
        self.tokenizer = tokenizer
        self.lowercase = lowercase

    @classmethod
    def learn(
        cls, inputs: Iterable[str], tokens: str, vocabulary_size: int | None, lowercase: bool = False
    ) -> Self:
        """The vocabulary of training texts.

        Args:
            inputs: the texts.
            tokens: "characters", "words" or "subwords".
            vocabulary_size: ids at most; None: the tokenizer's default.
            lowercase: whether capitals are read as small letters.
        """
        texts = map(str.lower, inputs) if lowercase else inputs
        return cls(learn_tokenizer(tokens, texts, vocabulary_size), lowercase)

    def encode(self, item: str) -> NDArray[np.int32]:
        """(T,) ids."""
        return self.tokenizer.encode(item.lower() if self.lowercase else item)

    @property
    def size(self) -> int:
        """The tokenizer's."""
        return len(self.tokenizer)

    def to_json(self) -> dict[str, Any]:
        """The tokenizer, and whether capitals are read as small letters."""
        return {"kind": self.kind, "tokenizer": self.tokenizer.to_json(), "lowercase": self.lowercase}

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """The encoder that `to_json` described."""
        lowercase = value.get("lowercase")
        if not isinstance(lowercase, bool):
            raise InputError("a text encoder must say whether it reads lowercase; save it anew")
        return cls(tokenizer_from_json(value.get("tokenizer")), lowercase)


class TokenEncoder(IdEncoder):
    """A list of tokens that are given as they are → their ids; an unseen one is id 0."""

    kind = "tokens"

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary

    @classmethod
    def learn(cls, inputs: Iterable[Sequence[str]], vocabulary_size: int | None) -> Self:
        """The most frequent tokens of the training sequences; None: all of them."""
        return cls(Vocabulary.learn(inputs, vocabulary_size))

    def encode(self, item: Sequence[str]) -> NDArray[np.int32]:
        """(T,) ids."""
        return self.vocabulary.encode(item)

    @property
    def size(self) -> int:
        """The vocabulary's, the unknown id included."""
        return len(self.vocabulary)

    def to_json(self) -> dict[str, Any]:
        """The vocabulary."""
        return {"kind": self.kind, "vocabulary": self.vocabulary.to_json()}

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """The encoder that `to_json` described."""
        return cls(Vocabulary.from_json(value.get("vocabulary")))
