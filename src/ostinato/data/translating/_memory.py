"""What a translator reads with a source: how the most similar source of training was translated."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ostinato.data._ragged import Ragged
from ostinato.data.translating._retrieval import NearestNeighbour
from ostinato.data.translating._sides import Pairs, Sentences, Sources, Targets

_ROUNDING = 1e-4
LEARNED = 4  # similar pairs, one of which is read with a source in training
MEMORIES = 8  # those that are read with a source in translating, one at a time
MARKS = 11  # between a source and the other's target: similarities from 0 to 1, in tenths


@dataclass(frozen=True)
class Recalled:
    """A similar training pair for each of n sources.

    Attributes:
        read: the sources joined with its target.
        targets: of the pair, ids with the end.
        similarities: (n,) of its source, from 0 to 1.
    """

    read: Ragged
    targets: Sequence[NDArray[np.int64]]
    similarities: NDArray[np.float32]


@dataclass(frozen=True)
class TranslationMemory:
    """Joins sources with the target of the most similar training source (Bulté & Tezcan 2019).

    Between them stands a mark that tells how similar the two sources are. What the other pair copied is in
    slots of its own, by whose numbers it goes for what is to be copied here.

    Args:
        neighbours: finds it.
        sources: how sources are read.
        targets: how targets are written.
    """

    neighbours: NearestNeighbour
    sources: Sources
    targets: Targets

    def joined(self, pairs: Pairs, count: int = 1, *, themselves: bool = False) -> Pairs:
        """Pairs with joined sources; `themselves`: they are those of training, none its own neighbour.

        With a `count` of several, they may also be read with as many, the most similar first.
        """
        first, *others = self.recalled(pairs[0], count, themselves=themselves)
        return Sentences(pairs[0].items, first.read, [other.read for other in others]), pairs[1]

    def recalled(self, sources: Sentences, count: int = 1, *, themselves: bool = False) -> list[Recalled]:
        """What is found for sources with the ids of `Sources.encode`: the most similar, then the next."""
        nearest, similarities = self.neighbours.nearest(sources.items, count, themselves=themselves)
        own = self.sources.own_ids
        tenths = ((MARKS - 1) * similarities + _ROUNDING).astype(np.int64).clip(0, MARKS - 1)
        marks = own + self.targets.sentences.size + tenths
        targets = {row: self._target(row) for row in set(nearest.ravel().tolist())}

        def recalled(k: int) -> Recalled:
            found = [targets[row] for row in nearest[:, k].tolist()]
            each = zip(sources.ids, marks[:, k], found, strict=True)
            read = [np.concatenate([ids, [mark], own + target]) for ids, mark, target in each]
            return Recalled(Ragged.of(read), found, similarities[:, k])

        return [recalled(k) for k in range(nearest.shape[1])]

    def _target(self, row: int) -> NDArray[np.int64]:
        """The ids of a training pair's target, and its end."""
        source, target = self.neighbours.sources[row], self.neighbours.targets[row]
        slots = self.sources.shared_slots(source, target)
        return np.append(self.targets.sentences.encode(target, slots), self.targets.sentences.end)
