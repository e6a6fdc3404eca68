"""A text as a language model trains on it: a vocabulary learned from the training part, and token ids."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError
from ostinato._files import write_json
from ostinato.data import (
    Tokenizer,
    drop,
    fingerprint,
    learn_tokenizer,
    open_tokens,
    take,
    tokenizer_from_json,
    write_tokens,
)
from ostinato.tasks._texts import Texts

_TOKENS, _DONE = "tokens.bin", "tokens.json"


@dataclass(frozen=True)
class Split:
    """A text and which part of it is held out: a share of its end, or another text.

    Attributes:
        text: the whole text, or the training text where `held_out` is one of its own.
        validation: the share.
        held_out: the other text, or None.
        characters: of the training part.
        held_out_characters: of the held-out part.
        facts: what tells this split from others, JSON-able.
    """

    text: Texts
    validation: float
    held_out: Texts | None
    characters: int
    held_out_characters: int
    facts: Mapping[str, Any]

    @classmethod
    def of(cls, X: Any, validation: Any) -> "Split":
        """Read the text once: its length, its fingerprint, whether all of it is readable.

        Raises:
            InputError: the text cannot be read, or the validation share is not between 0 and 1.
        """
        text = Texts(X)
        sha256, characters = fingerprint(text.chunks()), text.characters()
        facts: dict[str, Any] = {"sha256": sha256, "characters": characters}
        if isinstance(validation, (int, float)) and not isinstance(validation, bool):
            if not 0 < validation < 1:
                raise InputError(
                    f"validation is {validation}: it must be a share above 0 and below 1, or a text"
                )
            train = int(characters * (1 - validation))
            facts["validation"] = float(validation)
            return cls(text, float(validation), None, train, characters - train, facts)
        other = Texts(validation)
        facts["validation"] = fingerprint(other.chunks())
        return cls(text, 0.0, other, characters, other.characters(), facts)

    def train_chunks(self) -> Iterator[str]:
        """The training part."""
        return take(self.text.chunks(), self.characters)

    def held_out_chunks(self) -> Iterator[str]:
        """The held-out part."""
        if self.held_out is not None:
            return self.held_out.chunks()
        return drop(self.text.chunks(), self.characters)


@dataclass(frozen=True)
class Corpus:
    """Token ids of the training part, then of the held-out part, in one array; memory-mapped where it is a file.

    Attributes:
        tokenizer: learned from the training part only.
        ids: (N,) of both parts.
        cut: ids[:cut] is the training part.
    """

    tokenizer: Tokenizer
    ids: NDArray[Any]
    cut: int

    @classmethod
    def of(cls, split: Split, kind: str, vocabulary_size: int | None, directory: Path | None) -> "Corpus":
        """Learn the vocabulary and encode the text, in memory or into files of `directory`.

        Files that an interrupted run completed there are used again.

        Raises:
            InputError: a part holds fewer than two tokens.
        """
        if directory is None:
            tokenizer = learn_tokenizer(kind, split.train_chunks(), vocabulary_size)
            parts = [
                np.concatenate([np.zeros(0, np.int32), *map(tokenizer.encode, chunks)])
                for chunks in (split.train_chunks(), split.held_out_chunks())
            ]
            ids, cut = np.concatenate(parts), len(parts[0])
        else:
            tokenizer, ids, cut = _files(split, kind, vocabulary_size, directory)
        for name, count in (("training", cut), ("held-out", len(ids) - cut)):
            if count < 2:
                raise InputError(
                    f"the {name} part has {count} token{'s' * (count != 1)}, which is too few: give more text"
                )
        return cls(tokenizer, ids, cut)

    @staticmethod
    def forget(directory: Path) -> None:
        """Delete the token files that `of` left in a directory; a finished run has no use for them."""
        for name in (_TOKENS, _DONE):
            (directory / name).unlink(missing_ok=True)


def _files(
    split: Split, kind: str, vocabulary_size: int | None, directory: Path
) -> tuple[Tokenizer, NDArray[Any], int]:
    tokens, done = directory / _TOKENS, directory / _DONE
    if not (done.exists() and tokens.exists()):
        tokenizer = learn_tokenizer(kind, split.train_chunks(), vocabulary_size)
        cut = sum(len(tokenizer.encode(chunk)) for chunk in split.train_chunks())

        def chunks() -> Iterator[str]:
            yield from split.train_chunks()
            yield from split.held_out_chunks()

        write_tokens(tokens, tokenizer, chunks())
        write_json(done, {"tokenizer": tokenizer.to_json(), "cut": cut})
    facts = json.loads(done.read_bytes())
    tokenizer = tokenizer_from_json(facts["tokenizer"])
    return tokenizer, open_tokens(tokens, tokenizer), int(facts["cut"])
