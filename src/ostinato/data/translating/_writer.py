"""From sources to translations: what is read with them, what is written, which of it is taken."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ostinato.data._beam_search import Hypothesis
from ostinato.data._copies import Slots
from ostinato.data._examples import Examples
from ostinato.data._ragged import Ragged
from ostinato.data.translating._choice import Attempt, chosen
from ostinato.data.translating._memory import MEMORIES, Recalled, TranslationMemory
from ostinato.data.translating._retrieval import NearestNeighbour
from ostinato.data.translating._search import Search
from ostinato.data.translating._sides import Sentences, Sources

Ids = NDArray[np.int64]


@dataclass(frozen=True)
class Translation:
    """A translation and how it came about.

    Attributes:
        output: the text, or the list of tokens.
        source_tokens: (S,) what was read.
        target_tokens: (T,) what was written.
        attention: (T, S) float32, how much of what was read went into each token that was written: rows sum
            to 1, or to less where the translation of a similar source was read too. None of a model without
            attention.
        log_probability: of the tokens and the end, in nats.
    """

    output: Any
    source_tokens: list[str]
    target_tokens: list[str]
    attention: NDArray[np.float32] | None
    log_probability: float


class Answer(NamedTuple):
    """What was written of a source.

    Attributes:
        output: the text, or the list of tokens.
        ids: of it.
        read: ids of the source, and of what was read with it.
    """

    output: Any
    ids: Ids
    read: Ids


@dataclass(frozen=True)
class Writer:
    """Translates.

    Attributes:
        search: of what the network says.
        neighbours: the translations that are remembered; None: none are read.
    """

    search: Search
    neighbours: NearestNeighbour | None

    def translations(self, examples: Examples, *, attention: bool) -> list[Any]:
        """Texts or lists of tokens for sources; with `attention` a `Translation` of each.

        Raises:
            InputError: they are not like the sources of training.
        """
        encoder, sentences = self.search.sources, self.search.targets.sentences
        ids = encoder.encode(examples)
        encoder.refuse_strange(examples, ids)
        answers = self.answers(Sentences(examples.inputs, ids))
        if not attention:
            return [answer.output for answer in answers]
        read, written = (Ragged.of([getattr(a, name) for a in answers]) for name in ("read", "ids"))
        told = self.search.told(read, written)
        return [
            Translation(
                answer.output,
                encoder.sentences.tokens(source.tolist(), slots),
                sentences.tokens(answer.ids.tolist(), slots),
                None if weights is None else weights[:, : len(source)],
                log_probability,
            )
            for answer, source, slots, (weights, log_probability) in zip(
                answers, ids, map(encoder.slots, examples.inputs), told, strict=True
            )
        ]

    def answers(self, sources: Sentences) -> list[Answer]:
        """What is written of sources: a beam with each of the most similar pairs, of which one is chosen.

        With a beam of one it is the likeliest token at each step, with the most similar pair.
        """
        search, ways = self.search, self._ways(sources)
        reads = [sources.ids if way is None else way.read for way in ways]
        found = [search.hypotheses(sources.ids, read) for read in reads]
        answers = []
        for row, item in enumerate(sources.items):
            slots = search.sources.slots(item)

            def text(ids: Ids, slots: Slots = slots) -> Any:
                return search.targets.sentences.decode(ids.tolist(), slots)

            if search.beam_size == 1:
                way, ids = 0, found[0][row][0].ids
            else:
                written = [_attempt(each, hyps[row], row) for each, hyps in zip(ways, found, strict=True)]
                way, ids = chosen(written, self._completes(sources.ids[row]), text)
            answers.append(Answer(text(ids), ids, reads[way][row]))
        return answers

    def _ways(self, sources: Sentences) -> list[Recalled] | list[None]:
        """What may be read with the sources."""
        if self.neighbours is None:
            return [None]
        memory = TranslationMemory(self.neighbours, self.search.sources, self.search.targets)
        return memory.recalled(sources, 1 if self.search.beam_size == 1 else MEMORIES)

    def _completes(self, source: Ids) -> Callable[[Ids], bool]:
        """Whether a target has the slots of a source, neither more nor fewer, and is not too long."""
        search = self.search
        most = search.longest(np.array([len(source)]))[0]
        here, there = search.sources.sentences.slots, search.targets.sentences.slots
        wanted = {int(token) - here.start for token in source if token in here}

        def complete(target: Ids) -> bool:
            slots = {int(token) - there.start for token in target if token in there}
            return slots == wanted and len(target) <= most

        return complete


def remembers(parameters: Mapping[str, Any], sources: Sources) -> bool:
    """Whether the target of a similar source is read too: without attention it would bury the source.

    Where nothing else is said it is not where letters are read: words that are spelled alike have other
    letters in common than those that decide.
    """
    memory = parameters["memory"]
    return bool(parameters["attention"] and (not sources.sentences.spells if memory is None else memory))


def _attempt(way: Recalled | None, hypotheses: Sequence[Hypothesis], row: int) -> Attempt:
    if way is None:
        return Attempt(hypotheses)
    return Attempt(hypotheses, way.targets[row][:-1], float(way.similarities[row]))
