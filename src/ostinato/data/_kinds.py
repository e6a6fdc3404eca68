"""The kinds of tokenizer there are, by name: learned from text, or read back from JSON."""

import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

from ostinato._errors import InputError
from ostinato.data._characters import CharacterTokenizer
from ostinato.data._subwords import SubwordTokenizer
from ostinato.data._tokenizer import MAXIMUM_SIZE, Tokenizer
from ostinato.data._words import WordTokenizer

KINDS: dict[str, type[Tokenizer]] = {
    kind.kind: kind for kind in (CharacterTokenizer, WordTokenizer, SubwordTokenizer)
}


def learn_tokenizer(kind: str, chunks: Iterable[str], vocabulary_size: int | None = None) -> Tokenizer:
    """A tokenizer with the vocabulary of a text.

    The same text gives the same tokenizer, with any number of threads.

    Args:
        kind: "characters", "words" or "subwords".
        chunks: the text, as `read_text` gives it; read once.
        vocabulary_size: the most ids there may be, the unknown one included. By default all characters, 20000
            words or 4096 subwords. A short text gives fewer.

    Raises:
        InputError: another kind, a size that is no size, or no text.
    """
    if kind not in KINDS:
        raise InputError(f"there is no tokenizer of {kind!r}; there are {', '.join(KINDS)}")
    tokenizer = KINDS[kind]
    size = tokenizer.default_size if vocabulary_size is None else vocabulary_size
    if not (isinstance(size, int) and tokenizer.smallest <= size <= MAXIMUM_SIZE):
        raise InputError(
            f"a vocabulary of {size!r} {kind} is not possible; give {tokenizer.smallest} to {MAXIMUM_SIZE}"
        )
    watched = _Watched([chunks] if isinstance(chunks, str) else chunks)
    entries = tokenizer.learn_entries(watched, size)
    if not watched.any_text or not (entries or tokenizer.unknown_id is None):
        raise InputError(f"there is no text to learn a vocabulary of {kind} from; give some")
    return tokenizer(entries, "NFC" if watched.all_nfc else None)


def tokenizer_from_json(value: Any) -> Tokenizer:
    """The tokenizer whose `to_json` gave `value`; safe for a stranger's JSON.

    Raises:
        InputError: `value` describes no tokenizer.
    """
    kind = value.get("kind") if isinstance(value, dict) else None
    if not isinstance(kind, str) or kind not in KINDS:
        raise InputError(f'a tokenizer\'s "kind" must be one of {", ".join(KINDS)}; save it anew')
    return KINDS[kind].from_json(value)


class _Watched:
    """The chunks as they pass, and what was seen of them."""

    def __init__(self, chunks: Iterable[str]) -> None:
        self._chunks = chunks
        self.any_text = False
        self.all_nfc = True

    def __iter__(self) -> Iterator[str]:
        for chunk in self._chunks:
            self.any_text = self.any_text or chunk != ""
            self.all_nfc = self.all_nfc and unicodedata.is_normalized("NFC", chunk)
            yield chunk
