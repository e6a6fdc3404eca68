"""What a translation takes over unread: placeholders, markup, addresses, names with digits, numbers.

No network can spell a number or a name that it never saw, and it need not: such a string of the source
becomes a *slot*, a token that says no more than "the first copied string", "the second" and so on. What is
written in the place of a slot is the string.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Self

from ostinato._errors import InputError

MOST_SLOTS = 16  # of a sentence; what else could be copied stays text

# By kind. What repeats has a bound, so that the search is linear in the text, whatever that is.
_PATTERNS = {
    "placeholder": (
        r"[$%#]?\{[^{}\s]{0,64}\}",  # {} {0} {name} ${x} %{x}
        r"\{\{[^{}]{1,64}\}\}",  # {{ name }}
        r"%\([^()\s]{1,64}\)[-+#0]?[0-9]{0,4}(?:\.[0-9]{1,4})?[A-Za-z](?![A-Za-z])",  # %(name)s
        # %s %5.2f %1$d
        r"%(?:[0-9]{1,2}\$)?[-+#0]?[0-9]{0,4}(?:\.[0-9]{1,4})?[hlqjzt]{0,2}[@diouxXeEfFgGcsp](?![A-Za-z])",
        r"[%$][0-9]{1,2}(?![0-9]|[.,][0-9])",  # %1 $1
        r"\[[A-Z][A-Z0-9_]{1,64}\]",  # [NAME]
    ),
    "markup": (r"</?[A-Za-z][^<>]{0,256}>",),
    "address": (
        r"https?://[!#-;=?-~]{1,1000}(?<![]!'),.:;?}])",
        r"(?<![\w.+-])[\w.+-]{1,64}@\w[\w-]{0,63}(?:\.\w[\w-]{0,63}){1,8}",
    ),
    "name": (r"(?<!\w)[A-Za-z_]{1,64}[0-9]\w{0,64}(?!\w)",),  # es2015
    "number": (r"(?<!\w)[0-9]{1,64}(?:[.,][0-9]{1,64}){0,8}",),  # 3 1,000 2.5
}
COPIED = tuple(_PATTERNS)
_COMPILED = {
    kind: [re.compile(pattern, re.ASCII) for pattern in patterns] for kind, patterns in _PATTERNS.items()
}

_Span = tuple[int, int]


def copyable(text: str, kinds: Collection[str] = COPIED) -> list[_Span]:
    """Where the strings are that may be copied: (begin, end) in order; of those that overlap the longest."""
    return _longest(_candidates(text, kinds))


@dataclass(frozen=True)
class Slots:
    """What the slots of a sentence stand for.

    Attributes:
        strings: slot k, from 0 on, stands for the k-th; they are distinct.
    """

    strings: tuple[str, ...] = ()

    def cut(self, text: str) -> list[str | int]:
        """The text in pieces: what is to be read, and the numbers of the slots in between.

        `fill(cut(text)) == text`.
        """
        numbers = {string: number for number, string in enumerate(self.strings)}
        spans = _candidates(text, COPIED) if numbers else ()
        pieces: list[str | int] = []
        at = 0
        for begin, end in _longest(span for span in spans if text[slice(*span)] in numbers):
            pieces += [text[at:begin], numbers[text[begin:end]]]
            at = end
        return [piece for piece in (*pieces, text[at:]) if piece != ""]

    def fill(self, pieces: Iterable[str | int]) -> str:
        """The text of pieces, whose slots must be among these."""
        return "".join(piece if isinstance(piece, str) else self.strings[piece] for piece in pieces)


@dataclass(frozen=True)
class Copier:
    """Which kinds of strings the translations of a training set copy.

    Attributes:
        kinds: some of `COPIED`.
    """

    kinds: tuple[str, ...] = COPIED

    @classmethod
    def learn(cls, sources: Iterable[str], targets: Iterable[str]) -> Self:
        """All kinds but those of which most strings of the sources are not in their targets.

        Numbers that are calculated with, or written out in words, are not to be copied.
        """
        balance: Counter[str] = Counter()
        for source, target in zip(sources, targets, strict=True):
            here = {source[begin:end] for begin, end in copyable(source)}
            there = _strings(target, COPIED)
            for kind in COPIED:
                found = here & _strings(source, (kind,))
                balance[kind] += 2 * len(found & there) - len(found)
        return cls(tuple(kind for kind in COPIED if balance[kind] >= 0))

    def slots(self, source: str) -> Slots:
        """The slots of a sentence to translate: what may be copied, in order, while there are slots."""
        strings = dict.fromkeys(source[begin:end] for begin, end in copyable(source, self.kinds))
        return Slots(tuple(strings)[:MOST_SLOTS])

    def shared(self, source: str, target: str) -> Slots:
        """The slots of a sentence and its translation: each is in both, cut into pieces."""
        slots = Slots(tuple(_strings(source, self.kinds) & _strings(target, COPIED)))
        while True:  # the longest of some strings that overlap may be in one text only
            read, written = dict.fromkeys(slots.cut(source)), set(slots.cut(target))
            kept = [slots.strings[piece] for piece in read if isinstance(piece, int) and piece in written]
            if slots.strings == tuple(kept[:MOST_SLOTS]):
                return slots
            slots = Slots(tuple(kept[:MOST_SLOTS]))

    def to_json(self) -> list[str]:
        """The kinds."""
        return list(self.kinds)

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """The copier that `to_json` described; safe for a stranger's JSON.

        Raises:
            InputError: `value` is anything else.
        """
        if not isinstance(value, list) or not all(kind in COPIED for kind in value):
            raise InputError(f"what is copied must be a list of {', '.join(COPIED)}; save it anew")
        return cls(tuple(kind for kind in COPIED if kind in value))


def _candidates(text: str, kinds: Iterable[str]) -> Iterator[_Span]:
    """Everything of these kinds, though it overlap."""
    for kind in kinds:
        for pattern in _COMPILED[kind]:
            yield from (match.span() for match in pattern.finditer(text))


def _longest(spans: Iterable[_Span]) -> list[_Span]:
    """Spans that do not overlap, in order: a longer one before a shorter one, an earlier before a later."""
    chosen: list[_Span] = []
    taken: set[int] = set()
    for begin, end in sorted(spans, key=lambda span: (span[0] - span[1], span[0])):
        if taken.isdisjoint(range(begin, end)):
            taken.update(range(begin, end))
            chosen.append((begin, end))
    return sorted(chosen)


def _strings(text: str, kinds: Iterable[str]) -> set[str]:
    return {text[begin:end] for begin, end in _candidates(text, kinds)}
