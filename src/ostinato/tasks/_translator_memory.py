"""What a translator reads with a source: how the most similar source of training was translated."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ostinato.data import Ragged
from ostinato.tasks._retrieval import NearestNeighbour
from ostinato.tasks._translator_sides import Pairs, Sentences, Sources, Targets

_ROUNDING = 1e-4
MARKS = 11  # between a source and the other's target: similarities from 0 to 1, in tenths


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

    def joined(self, pairs: Pairs, *, themselves: bool = False) -> Pairs:
        """Pairs with joined sources; `themselves`: they are those of training, none its own neighbour."""
        return self.of(pairs[0], themselves=themselves), pairs[1]

    def of(self, sources: Sentences, *, themselves: bool = False) -> Sentences:
        """Sources, as `Sources.encode` gives their ids, joined."""
        rows, similarities = self.neighbours.nearest(sources.items, themselves=themselves)
        own = self.sources.own_ids
        tenths = ((MARKS - 1) * similarities + _ROUNDING).astype(np.int64).clip(0, MARKS - 1)
        marks = own + self.targets.sentences.size + tenths
        targets = {row: own + self._target(row) for row in set(rows.tolist())}
        joined = [
            np.concatenate([ids, [mark], targets[row]])
            for ids, mark, row in zip(sources.ids, marks, rows.tolist(), strict=True)
        ]
        return Sentences(sources.items, Ragged.of(joined))

    def _target(self, row: int) -> NDArray[np.int64]:
        """The ids of a training pair's target, and its end."""
        source, target = self.neighbours.sources[row], self.neighbours.targets[row]
        slots = self.sources.shared_slots(source, target)
        return np.append(self.targets.sentences.encode(target, slots), self.targets.sentences.end)
