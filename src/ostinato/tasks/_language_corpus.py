"""A text as a language model trains on it: a vocabulary learned from the training part, and token ids."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
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
        if isinstance(validation, (int, float, np.integer, np.floating)) and not isinstance(validation, bool):
            share = float(validation)
            if not 0 < share < 1:
                raise InputError(f"validation is {share}: it must be a share above 0 and below 1, or a text")
            sha256, characters = _measured(text)
            train = int(characters * (1 - share))
            if train < 1:
                raise InputError(
                    f"the text has {characters} character{'s' * (characters != 1)}, too few to hold some of "
                    f"them out: give more text"
                )
            facts = {"sha256": sha256, "characters": characters, "validation": share}
            return cls(text, share, None, train, characters - train, facts)
        other = Texts(validation)
        (sha256, characters), (other_sha256, other_characters) = _measured(text), _measured(other)
        facts = {"sha256": sha256, "characters": characters, "validation": other_sha256}
        return cls(text, 0.0, other, characters, other_characters, facts)

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
    """Token ids of the training part, then of the held-out part, in one array, memory-mapped if a file.

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


def _measured(text: Texts) -> tuple[str, int]:
    """A text's fingerprint and its length in characters, read once."""
    characters = 0

    def counted() -> Iterator[str]:
        nonlocal characters
        for chunk in text.chunks():
            characters += len(chunk)
            yield chunk

    return fingerprint(counted()), characters


def _files(
    split: Split, kind: str, vocabulary_size: int | None, directory: Path
) -> tuple[Tokenizer, NDArray[Any], int]:
    found = _completed(directory)
    if found is not None:
        return found
    tokenizer = learn_tokenizer(kind, split.train_chunks(), vocabulary_size)
    cut = sum(len(tokenizer.encode(chunk)) for chunk in split.train_chunks())
    count = write_tokens(directory / _TOKENS, tokenizer, chain(split.train_chunks(), split.held_out_chunks()))
    write_json(directory / _DONE, {"tokenizer": tokenizer.to_json(), "cut": cut, "count": count})
    return tokenizer, open_tokens(directory / _TOKENS, tokenizer), cut


def _completed(directory: Path) -> tuple[Tokenizer, NDArray[Any], int] | None:
    """What an earlier call left, or None where it left nothing whole: then it is made anew, the same."""
    try:
        done = json.loads((directory / _DONE).read_bytes())
        tokenizer = tokenizer_from_json(done["tokenizer"])
        ids = open_tokens(directory / _TOKENS, tokenizer)
        if len(ids) != done["count"] or not 0 <= done["cut"] <= len(ids):
            return None
    except (OSError, ValueError, KeyError, TypeError):  # ValueError: JSON's complaints and InputError
        return None
    return tokenizer, ids, int(done["cut"])
