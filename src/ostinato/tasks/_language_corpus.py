"""A text as a language model trains on it: a vocabulary learned from the training part, and token ids."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError, ParameterError
from ostinato._files import file_sha256, write_json
from ostinato.data import (
    Length,
    Tokenizer,
    drop,
    fingerprint,
    learn_tokenizer,
    open_tokens,
    read_text,
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
        facts: what tells this split from others, JSON-able.
    """

    text: Texts
    validation: float
    held_out: Texts | None
    characters: int
    facts: Mapping[str, Any]

    @classmethod
    def of(cls, X: Any, validation: Any) -> "Split":
        """Read the text: its length, its fingerprint and its files', whether all of it is readable.

        Raises:
            InputError: the text cannot be read, or the validation share is not between 0 and 1.
        """
        text = Texts(X)
        if isinstance(validation, (int, float, np.integer, np.floating)) and not isinstance(validation, bool):
            share = float(validation)
            if not 0 < share < 1:
                raise ParameterError(
                    "validation", f"is {share}: it must be a share above 0 and below 1, or a text"
                )
            sha256, characters = text.measured()
            train = int(characters * (1 - share))
            if train < 1:
                raise InputError(
                    f"the text has {characters} character{'s' * (characters != 1)}, too few to hold some of "
                    f"them out: give more text"
                )
            facts = {"sha256": sha256, "characters": characters, "validation": share, **_files(text)}
            return cls(text, share, None, train, facts)
        other = Texts(validation)
        sha256, characters = text.measured()
        held_out = fingerprint(other.chunks())
        facts = {"sha256": sha256, "characters": characters, "validation": held_out, **_files(text)}
        return cls(text, 0.0, other, characters, facts)

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
        train: the length of the training part.
        held_out: the length of the held-out part.
    """

    tokenizer: Tokenizer
    ids: NDArray[Any]
    train: Length
    held_out: Length

    @property
    def cut(self) -> int:
        """`ids[:cut]` is the training part."""
        return self.train.tokens

    @classmethod
    def of(cls, split: Split, kind: str, vocabulary_size: int | None, directory: Path | None) -> "Corpus":
        """Learn the vocabulary and encode the text, in memory or into files of `directory`.

        Files that an interrupted run completed there are used again.

        Raises:
            InputError: a part holds fewer than two tokens.
        """
        corpus = None if directory is None else _completed(directory)
        if corpus is None:
            tokenizer = learn_tokenizer(kind, split.train_chunks(), vocabulary_size)
            corpus = (
                _encoded(split, tokenizer) if directory is None else _written(split, tokenizer, directory)
            )
        for name, (count, _) in (("training", corpus.train), ("held-out", corpus.held_out)):
            if count < 2:
                raise InputError(
                    f"the {name} part has {count} token{'s' * (count != 1)}, which is too few: give more text"
                )
        return corpus

    @staticmethod
    def forget(directory: Path) -> None:
        """Delete the token files that `of` left in a directory; a finished run has no use for them."""
        for name in (_TOKENS, _DONE):
            (directory / name).unlink(missing_ok=True)


def _files(text: Texts) -> dict[str, list[str]]:
    """The fingerprint of each file where there are several, so that one of them alone is known again."""
    paths = text.paths or []
    return {"files": [fingerprint(read_text([path])) for path in paths]} if len(paths) > 1 else {}


def _encoded(split: Split, tokenizer: Tokenizer) -> Corpus:
    """Both parts in memory."""
    ids, lengths = [np.zeros(0, np.int32)], []
    for chunks in (split.train_chunks(), split.held_out_chunks()):
        texts = list(map(tokenizer.formed, chunks))
        encoded = list(map(tokenizer.encode, texts))
        lengths.append(Length(sum(map(len, encoded)), sum(map(len, texts))))
        ids += encoded
    return Corpus(tokenizer, np.concatenate(ids), *lengths)


def _written(split: Split, tokenizer: Tokenizer, directory: Path) -> Corpus:
    """Both parts in a file."""
    path = directory / _TOKENS
    lengths = write_tokens(path, tokenizer, split.train_chunks(), split.held_out_chunks())
    done = {"tokenizer": tokenizer.to_json(), "lengths": lengths, "sha256": file_sha256(path)}
    write_json(directory / _DONE, done)
    return Corpus(tokenizer, open_tokens(path, tokenizer), *lengths)


def _completed(directory: Path) -> Corpus | None:
    """What an earlier call left, or None where it left nothing whole: then it is made anew, the same."""
    path = directory / _TOKENS
    try:
        done = json.loads((directory / _DONE).read_bytes())
        tokenizer = tokenizer_from_json(done["tokenizer"])
        train, held_out = (Length(*length) for length in done["lengths"])
        if done["sha256"] != file_sha256(path):
            return None
        ids = open_tokens(path, tokenizer)
        if len(ids) != train.tokens + held_out.tokens or not 0 <= train.tokens <= len(ids):
            return None
    except (OSError, ValueError, KeyError, TypeError):  # ValueError: JSON's complaints and InputError
        return None
    return Corpus(tokenizer, ids, train, held_out)
