"""The two sides of a translator: what it reads and what it writes."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError
from ostinato.data._copies import MOST_SLOTS, Copier, Slots
from ostinato.data._examples import Examples, named
from ostinato.data._ragged import Ragged
from ostinato.data._scripts import scripts
from ostinato.data._sentence_encoder import (
    SentenceEncoder,
    TextSentences,
    TokenSentences,
    sentence_encoder_from_json,
)

_LONGEST = 1 << 20  # tokens of a sentence
_STEEPEST = 1e4  # tokens written for one that is read
_MUCH_LONGER = 2  # times the longest source of training


@dataclass(frozen=True)
class Sentences:
    """Sentences and their ids, those of targets with the end.

    Attributes:
        items: n sentences.
        ids: of each.
        others: what else may be read for them, each time of all n.
    """

    items: Sequence[Any]
    ids: Ragged
    others: Sequence[Ragged] = ()

    def __len__(self) -> int:
        return len(self.items)

    def first(self, count: int) -> "Sentences":
        """The first `count` of them."""
        return Sentences(self.items[:count], self.ids.take(range(min(count, len(self)))))


Pairs: TypeAlias = tuple[Sentences, Sentences]
"""Sources, and the target of each."""


@dataclass(frozen=True)
class Sources:
    """How sources are read.

    Attributes:
        sentences: sentence → ids.
        copier: what of them is copied; None: nothing.
        longest: ids of the longest one in training.
        scripts: that letters of training were of; of lists of tokens none.
        shared: whether targets have the same ids.
    """

    sentences: SentenceEncoder
    copier: Copier | None
    longest: int
    scripts: frozenset[str]
    shared: bool

    @property
    def own_ids(self) -> int:
        """How many ids only sources have."""
        return 0 if self.shared else self.sentences.size

    @property
    def most(self) -> int:
        """Ids of the longest source that is translated: others have no good one."""
        return _MUCH_LONGER * self.longest

    @property
    def kind(self) -> str:
        """What is read, as of `Examples`."""
        return self.sentences.kind

    def slots(self, item: Any) -> Slots:
        """What the slots of a sentence to be translated stand for."""
        return Slots() if self.copier is None else self.copier.slots(item)

    def shared_slots(self, item: Any, target: Any) -> Slots:
        """What the slots of both texts of a training pair stand for."""
        return Slots() if self.copier is None else self.copier.shared(item, target)

    def encode(self, examples: Examples) -> Ragged:
        """Sentences to be translated.

        Raises:
            InputError: they are of another kind than those of training, or one is empty.
        """
        if examples.kind != self.sentences.kind:
            raise InputError(
                f"the model was trained to read {self.sentences.kind}, and these are {examples.kind}"
            )
        refuse_empty(examples, examples.inputs, "sources")
        return Ragged.of([self.sentences.encode(item, self.slots(item)) for item in examples.inputs])

    def refuse_strange(self, examples: Examples, ids: Ragged) -> None:
        """Raise `InputError` for sentences that are not of the training's sort: no translation is better."""
        for row, item in enumerate(examples.inputs):
            if isinstance(item, str) and (found := scripts(item)) and found.isdisjoint(self.scripts):
                known = ", ".join(sorted(self.scripts)) or "none"
                raise InputError(
                    f"{examples.place(row)} is in a script that was never seen in training "
                    f"({', '.join(sorted(found))}; there was {known}): {item[:40]!r}"
                )
            if not isinstance(item, str) and not ids[row].any():
                raise InputError(f"{examples.place(row)} has no token that was seen in training: {item[:5]}")
        for row in np.flatnonzero(ids.lengths > self.most)[:1].tolist():
            raise InputError(
                f"{examples.place(row)} has {ids.lengths[row]:,} tokens, more than {_MUCH_LONGER} times as "
                f"many as the longest one in training ({self.longest:,}): cut it into sentences"
            )

    def to_json(self) -> dict[str, Any]:
        """All there is to know, JSON-able."""
        return {
            "sentences": self.sentences.to_json(),
            "copied": None if self.copier is None else self.copier.to_json(),
            "longest": self.longest,
            "scripts": sorted(self.scripts),
            "shared": self.shared,
        }

    @classmethod
    def from_json(cls, value: Any) -> "Sources":
        """What `to_json` described; `InputError` for anything else."""
        value = value if isinstance(value, dict) else {}
        sentences = sentence_encoder_from_json(value.get("sentences"))
        copied, longest, letters = value.get("copied"), value.get("longest"), value.get("scripts")
        if type(longest) is not int or not 1 <= longest <= _LONGEST:
            raise InputError("sources must say how long the longest one was; save the model anew")
        if not isinstance(letters, list) or not all(isinstance(script, str) for script in letters):
            raise InputError("sources must say which scripts they were in; save the model anew")
        if not isinstance(value.get("shared"), bool):
            raise InputError("sources must say whether targets have the same ids; save the model anew")
        if bool(sentences.slots) != (copied is not None):
            raise InputError("sources must have slots where they are copied; save the model anew")
        copier = None if copied is None else Copier.from_json(copied)
        return cls(sentences, copier, longest, frozenset(letters), value["shared"])


@dataclass(frozen=True)
class Targets:
    """How targets are written.

    Attributes:
        sentences: sentence → ids, and back.
        ratio: ids in the targets of training for each id in the sources.
    """

    sentences: SentenceEncoder
    ratio: float

    def encode(self, examples: Examples, slots: Sequence[Slots]) -> Ragged:
        """Targets of sources with these slots, each with its end."""
        end = self.sentences.end
        return Ragged.of(
            [
                np.append(self.sentences.encode(item, own), end)
                for item, own in zip(targets_of(examples), slots, strict=True)
            ]
        )

    def longest(self, lengths: NDArray[np.int64]) -> NDArray[np.int64]:
        """(n,) ids at most that are written for sources of these lengths (n,): twice as many as usual."""
        tokens: NDArray[np.int64] = np.ceil(2 * self.ratio * lengths).astype(np.int64) + 10
        return tokens

    def to_json(self) -> dict[str, Any]:
        """All there is to know, JSON-able."""
        return {"sentences": self.sentences.to_json(), "ratio": self.ratio}

    @classmethod
    def from_json(cls, value: Any) -> "Targets":
        """What `to_json` described; `InputError` for anything else."""
        value = value if isinstance(value, dict) else {}
        ratio = value.get("ratio")
        if not isinstance(ratio, float) or not math.isfinite(ratio) or not 0 < ratio <= _STEEPEST:
            raise InputError("targets must say how long they are beside the sources; save the model anew")
        return cls(sentence_encoder_from_json(value.get("sentences")), ratio)


def read_targets(value: Any, sources: Sources) -> Targets:
    """What `Targets.to_json` described; `InputError` for anything that does not go with the sources."""
    targets = Targets.from_json(value)
    if len(targets.sentences.slots) != len(sources.sentences.slots):
        raise InputError("both sides must have as many slots; save the model anew")
    if sources.shared and targets.sentences.to_json() != sources.sentences.to_json():
        raise InputError("both sides must have the same vocabulary; save the model anew")
    return targets


def learn_sides(train: Examples, parameters: Mapping[str, Any]) -> tuple[Sources, Targets, Pairs]:
    """Both sides of training examples, and these as ids.

    What is copied is read from both texts here: a slot stands for what is in the source and in the target.

    Raises:
        InputError: an example has no target, is empty, or nothing can be learned from it.
    """
    inputs, targets = train.inputs, targets_of(train)
    refuse_empty(train, inputs, "sources")
    refuse_empty(train, targets, "targets")
    copier, slots = None, [Slots()] * len(train)
    if parameters["copying"] and train.kind == "text" and isinstance(targets[0], str):
        copier = Copier.learn(inputs, targets)
        slots = [copier.shared(*pair) for pair in zip(inputs, targets, strict=True)]
    reading, writing = _learn_sentences(inputs, targets, slots, parameters, copies=copier is not None)
    read = Ragged.of([reading.encode(item, own) for item, own in zip(inputs, slots, strict=True)])
    letters = scripts("".join(inputs)) if train.kind == "text" else set()
    sources = Sources(reading, copier, int(read.lengths.max()), frozenset(letters), reading is writing)
    written = Targets(writing, 1.0).encode(train, slots)
    ratio = len(written.values) / len(read.values)
    return sources, Targets(writing, ratio), (Sentences(inputs, read), Sentences(targets, written))


def encode_pairs(sources: Sources, targets: Targets, examples: Examples) -> Pairs:
    """Examples as ids, the sources as those to be translated are: their targets tell nothing of them.

    Raises:
        InputError: they are of another kind than those of training, or one is empty.
    """
    read, items = sources.encode(examples), targets_of(examples)
    refuse_empty(examples, items, "targets")
    if isinstance(items[0], str) != (targets.sentences.kind == "text"):
        raise InputError(f"the targets are not {targets.sentences.kind}, as those of training were")
    written = targets.encode(examples, [sources.slots(item) for item in examples.inputs])
    return Sentences(examples.inputs, read), Sentences(items, written)


def refuse_empty(examples: Examples, items: Sequence[Any], what: str) -> None:
    """Raise `InputError` for sentences without a word."""
    empty = [row for row, item in enumerate(items) if not (item.strip() if isinstance(item, str) else item)]
    if empty:
        raise InputError(f"empty {what}: {named(map(examples.place, empty))}; leave them out, or fill them")


def targets_of(examples: Examples) -> Sequence[Any]:
    """The targets: texts, or lists of tokens; `InputError` where there are none."""
    if examples.targets is None:
        raise InputError("there are no targets: y cannot be None, give the translation of each")
    return examples.targets


def _learn_sentences(
    inputs: Sequence[Any],
    targets: Sequence[Any],
    slots: Sequence[Slots],
    parameters: Mapping[str, Any],
    *,
    copies: bool,
) -> tuple[SentenceEncoder, SentenceEncoder]:
    """What encodes sources and what encodes targets: one for both where they share a vocabulary."""
    tokens = [parameters["source_tokens"], parameters["target_tokens"]]
    alike = isinstance(inputs[0], str) == isinstance(targets[0], str) and tokens[0] == tokens[1]
    size, count = parameters["vocabulary_size"], MOST_SLOTS if copies else 0

    def learned(items: Sequence[Any], own: Sequence[Slots], how: str) -> SentenceEncoder:
        if isinstance(items[0], str):
            return TextSentences.learn(items, own, how, size, count)
        return TokenSentences.learn(items, size)

    if not (parameters["shared_vocabulary"] and alike):
        return learned(inputs, slots, tokens[0]), learned(targets, slots, tokens[1])
    both = learned([*inputs, *targets], [*slots, *slots], tokens[0])
    return both, both
