"""What every tokenizer is: text to ids and back, and itself to JSON and back."""

import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError

REPLACEMENT = "\ufffd"  # stands for what has no id
MAXIMUM_SIZE = 2_000_000  # more ids than there are Unicode characters


class Tokenizer(ABC):
    r"""Text to ids 0 … `len(self) - 1` and back; made by `learn_tokenizer` or `tokenizer_from_json`.

    A tokenizer remembers whether the text it was learned from was in Unicode's composed form, NFC. If it was
    (`form == "NFC"`), `encode` and `unseen` first compose the text they are given, so that 한국 typed on a
    system that decomposes it into Jamo is seen as the syllables of the training text. If it was not (`form is
    None`), nothing is ever normalised. Text in the remembered form without unseen pieces, such as the text it
    was learned from, comes back from `decode(encode(text))` exactly.

    Attributes:
        kind: "characters", "words" or "subwords".
        unknown_id: the id of everything unseen, decoded as U+FFFD; None if nothing can be unseen.
        form: "NFC" or None.
    """

    kind: ClassVar[str]
    unknown_id: ClassVar[int | None]
    smallest: ClassVar[int]  # vocabulary size
    default_size: ClassVar[int]

    @abstractmethod
    def __init__(self, entries: Sequence[str], form: Literal["NFC"] | None = None) -> None:
        """The tokenizer with these entries: characters, words, or for subwords merges.

        Raises:
            InputError: there is no such tokenizer.
        """
        self.form = form
        self._entries = list(entries)
        self._tokens: list[bytes] = []

    @staticmethod
    @abstractmethod
    def learn_entries(chunks: Iterable[str], size: int) -> list[str]:
        """The entries that a text gives a vocabulary of at most `size` ids; [] if there are none."""

    @abstractmethod
    def _encode(self, text: str) -> NDArray[np.int32]: ...

    @abstractmethod
    def _unseen(self, text: str) -> list[str]: ...

    def __len__(self) -> int:
        """The number of ids, the unknown one included."""
        return len(self._tokens)

    def formed(self, text: str) -> str:
        """`text` as it is read: composed if the remembered form is NFC."""
        return text if self.form is None else unicodedata.normalize(self.form, text)

    def encode(self, text: str) -> NDArray[np.int32]:
        """The ids of `text`, shape (N,); they stand for the characters of `formed(text)`."""
        return self._encode(self.formed(text))

    def unseen(self, text: str) -> list[str]:
        """The distinct pieces of `text` that have no id, in order of appearance."""
        return self._unseen(self.formed(text))

    def decode(self, ids: Iterable[int]) -> str:
        """The text of `ids`; U+FFFD for the unknown id and for bytes that are no character.

        Raises:
            InputError: an id outside 0 … `len(self) - 1`.
        """
        return b"".join([self.token_bytes(token) for token in ids]).decode("utf-8", "replace")

    def token_bytes(self, id: int) -> bytes:  # noqa: A002 (the field's word)
        """The UTF-8 of one id; for subwords this may begin or end inside a character.

        Raises:
            InputError: an id outside 0 … `len(self) - 1`.
        """
        if not 0 <= id < len(self._tokens):
            raise InputError(f"token id {id} is not one of this tokenizer's ids 0 … {len(self) - 1}")
        return self._tokens[id]

    def token(self, id: int) -> str:  # noqa: A002
        r"""One id to look at: what does not print (`\n`) and parts of characters (`\xed`) are escaped.

        Raises:
            InputError: an id outside 0 … `len(self) - 1`.
        """
        text = self.token_bytes(id).decode("utf-8", "backslashreplace")
        return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)

    def to_json(self) -> dict[str, Any]:
        """All there is to know, JSON-able; `tokenizer_from_json` makes an equal tokenizer of it."""
        return {"kind": self.kind, "form": self.form, "entries": list(self._entries)}

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """The tokenizer that `to_json` described. Memory is in proportion to `value`, whatever it says.

        Raises:
            InputError: `value` is anything but what `to_json` of this kind gives.
        """
        if not isinstance(value, dict) or value.get("kind") != cls.kind:
            raise InputError(f"this is not a tokenizer of {cls.kind}; save it anew")
        form, entries = value.get("form"), value.get("entries")
        if form is not None and form != "NFC":
            raise InputError('a tokenizer\'s "form" must be "NFC" or null; save it anew')
        if not isinstance(entries, list) or not all(isinstance(entry, str) for entry in entries):
            raise InputError('a tokenizer\'s "entries" must be a list of strings; save it anew')
        if len(entries) > MAXIMUM_SIZE:
            raise InputError(f"a tokenizer of {len(entries)} entries; there may be {MAXIMUM_SIZE} at most")
        return cls(entries, form)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Tokenizer):
            return NotImplemented
        return self.to_json() == other.to_json()

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).from_json, (self.to_json(),)


def check_distinct(entries: Sequence[str], what: str) -> None:
    """InputError unless the entries are distinct, not empty and valid Unicode.

    A lone surrogate can be written in JSON, but in no file: it would make text that cannot be saved.
    """
    if not entries:
        raise InputError(f"a tokenizer without {what}; save it anew")
    if "" in entries or len(set(entries)) < len(entries):
        raise InputError(f"a tokenizer's {what} must be distinct and not empty; save it anew")
    try:
        "".join(entries).encode()
    except UnicodeEncodeError:
        raise InputError(f"a tokenizer's {what} hold a lone surrogate; save it anew") from None
