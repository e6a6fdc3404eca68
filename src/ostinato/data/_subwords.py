"""The tokenizer of subwords: byte-level byte-pair encoding."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError
from ostinato.data._pieces import split
from ostinato.data._tokenizer import REPLACEMENT, Tokenizer

_LONGEST = 128  # bytes in a token
_REMEMBERED = 1 << 17  # pieces whose spelling or ids are kept
_TOGETHER = 4096  # pieces handed to the trainer at once


class SubwordTokenizer(Tokenizer):
    """Byte-pair encoding (Sennrich et al. 2016) of UTF-8 bytes: nothing is unknown.

    Ids 0 … 255 are the bytes; each learned merge of two tokens that are often neighbours within a word makes
    one more. What has no UTF-8, a lone surrogate, is encoded as U+FFFD.
    """

    kind: ClassVar[str] = "subwords"
    unknown_id: ClassVar[int | None] = None
    smallest: ClassVar[int] = 257
    default_size: ClassVar[int] = 4096

    def __init__(self, entries: Sequence[str], form: Literal["NFC"] | None = None) -> None:
        """The tokenizer of these merges (such as "Ġ t", in `_LETTERS`), in the order they are applied."""
        from tokenizers.models import BPE

        super().__init__(entries, form)
        ids = {letter: byte for byte, letter in enumerate(_LETTERS)}
        self._tokens = [bytes([byte]) for byte in range(256)]
        merges = []
        for entry in entries:
            left, right = _pair(entry, ids)
            merges.append((left, right))
            if left + right not in ids:  # two merges may make the same token
                ids[left + right] = len(ids)
                self._tokens.append(self._tokens[ids[left]] + self._tokens[ids[right]])
        if len(set(merges)) < len(merges):
            raise InputError("a tokenizer's merges must be distinct; save it anew")
        self._bpe = BPE(ids, merges)
        self._ids_of = lru_cache(_REMEMBERED)(self._merged)  # most pieces of a text are repetitions

    @staticmethod
    def learn_entries(chunks: Iterable[str], size: int) -> list[str]:
        """The merges of the most frequent neighbours, until there are `size` ids or none occurs twice."""
        from tokenizers import Tokenizer as Trained
        from tokenizers.models import BPE
        from tokenizers.pre_tokenizers import WhitespaceSplit
        from tokenizers.trainers import BpeTrainer

        trained = Trained(BPE())
        trained.pre_tokenizer = WhitespaceSplit()
        trainer = BpeTrainer(
            vocab_size=size,
            min_frequency=2,
            initial_alphabet=list(_LETTERS),
            max_token_length=_LONGEST,
            show_progress=False,
        )
        trained.train_from_iterator(_spelled(chunks), trainer)
        return [" ".join(pair) for pair in json.loads(trained.to_str())["model"]["merges"]]

    def _encode(self, text: str) -> NDArray[np.int32]:
        return np.fromiter(chain.from_iterable(map(self._ids_of, split(text))), np.int32)

    def _unseen(self, text: str) -> list[str]:
        return []

    def _merged(self, piece: str) -> tuple[int, ...]:
        return tuple(token.id for token in self._bpe.tokenize(_spell(piece)))


def _alphabet() -> str:
    """GPT-2's printable letter for each byte: its Latin-1 character where that can be seen, else another."""
    visible = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    rest = iter(range(0x100, 0x200))
    return "".join(chr(byte if byte in visible else next(rest)) for byte in range(256))


_LETTERS = _alphabet()


def _spell(piece: str) -> str:
    """The piece's UTF-8, a letter for each byte."""
    try:
        encoded = piece.encode()
    except UnicodeEncodeError:
        encoded = re.sub("[\ud800-\udfff]", REPLACEMENT, piece).encode()
    return encoded.decode("latin-1").translate(_LETTERS)


def _spelled(chunks: Iterable[str]) -> Iterator[str]:
    """The spelled pieces, blanks between; few at once, since the trainer first collects 256 of these."""
    spell = lru_cache(_REMEMBERED)(_spell)
    for chunk in chunks:
        pieces = split(chunk)
        for start in range(0, len(pieces), _TOGETHER):
            yield " ".join(map(spell, pieces[start : start + _TOGETHER]))


def _pair(entry: str, ids: Mapping[str, int]) -> tuple[str, str]:
    left, _, right = entry.partition(" ")
    if left not in ids or right not in ids:
        raise InputError(
            f"a tokenizer's merge {entry[:40]!r} is not of two tokens made before it; save it anew"
        )
    if len(left) + len(right) > _LONGEST:
        raise InputError(
            f"a tokenizer's merge {entry[:40]!r} makes a token of over {_LONGEST} bytes; save it anew"
        )
    return left, right
