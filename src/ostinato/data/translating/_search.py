"""A translator writes: beam search over what its network says, batch by batch."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ostinato._parameters import Check, Real, Whole
from ostinato.data._beam_search import Hypothesis, beam_search
from ostinato.data._finite import check_finite
from ostinato.data._ragged import Ragged, by_length
from ostinato.data.translating._sides import Sources, Targets

AT_A_TIME = 1 << 23  # numbers that are kept
SEARCH: dict[str, Check] = {"beam_size": Whole(1, 1000), "length_penalty": Real(0.0, 10.0)}
_LENGTH = Whole(1, 1 << 20, optional=True)

Ids = NDArray[np.int64]
Floats = NDArray[np.float32]


def check_search(
    parameters: Mapping[str, Any], beam_size: Any, length_penalty: Any, length: Any
) -> dict[str, Any]:
    """Options of a `Search`; what is None is as the parameters say.

    Raises:
        InputError: one is out of its range.
    """
    given = {"beam_size": beam_size, "length_penalty": length_penalty}
    chosen = {name: parameters[name] if value is None else value for name, value in given.items()}
    options = {name: SEARCH[name].check(name, value) for name, value in chosen.items()}
    return {**options, "length": _LENGTH.check("length", length)}


class Network(Protocol):
    """What reads sources and says how likely each token comes next, whoever computes it."""

    @property
    def features(self) -> int:
        """Numbers that are kept of a token of a source."""

    @property
    def target_ids(self) -> int:
        """K."""

    def encode(self, source: Ids, lengths: Ids) -> Any:
        """What is kept of sources (S, B) of these lengths (B,)."""

    def decode(self, memory: Any, ids: Ids, state: Any = None) -> tuple[Floats, Any, Floats | None]:
        """Log-probabilities (T, B, K) of what follows each of ids (T, B), which go on from a state.

        Also the state then, and the weight (T, B, S) of each step of the source, None without attention.
        """

    def take(self, kept: Any, rows: Ids) -> Any:
        """Some rows of what is kept of sources, or of a state, each as often as it is named."""


@dataclass(frozen=True)
class Search:
    """How is searched for the best translation.

    Attributes:
        network: trained.
        sources: what it reads.
        targets: what its outputs mean.
        beam_size: hypotheses of a sentence that are followed; 1: the likeliest token at each step.
        length_penalty: α of Wu et al. (2016, eq. 14): how much longer translations are favoured.
        length: tokens at most; None: by the source's length.
    """

    network: Network
    sources: Sources
    targets: Targets
    beam_size: int
    length_penalty: float
    length: int | None = None

    def hypotheses(self, ids: Ragged, read: Ragged) -> list[list[Hypothesis]]:
        """The best that are found for each source, given its ids and what the network reads."""
        found: dict[int, list[Hypothesis]] = {}
        for rows in self._batches(read.lengths):
            hypotheses = beam_search(
                _Steps(self.network, self.network.encode(*read.padded(rows)), len(rows), self.targets),
                len(rows),
                beam_size=self.beam_size,
                length=self.longest(ids.lengths[rows]),
                length_penalty=self.length_penalty,
                begin=self.targets.sentences.begin,
                end=self.targets.sentences.end,
                slots=self._slots(ids, rows),
                first_slot=self.targets.sentences.slots.start,
            )
            found.update(zip(rows.tolist(), hypotheses, strict=True))
        return [found[row] for row in range(len(ids))]

    def longest(self, lengths: Ids) -> Ids:
        """(n,) tokens at most that are written for sources of these lengths (n,).

        Where a source that is too long has a translation to be compared with, no more are written than for
        the longest that is not.
        """
        if self.length is not None:
            return np.full_like(lengths, self.length)
        return self.targets.longest(lengths.clip(max=self.sources.most))

    def told(self, read: Ragged, written: Ragged) -> list[tuple[Floats | None, float]]:
        """What is told of each source that was read, and of what was written.

        Returns:
            Of each the attention (T, S), None of a network without; and the log-probability of what was
            written and its end.
        """
        found: dict[int, tuple[Floats | None, float]] = {}
        begin, end = self.targets.sentences.begin, self.targets.sentences.end
        for rows in self._batches(read.lengths):
            padded, lengths = written.padded(rows)
            ids = np.concatenate([np.full((1, len(rows)), begin), padded])
            logs, _, weights = self.network.decode(self.network.encode(*read.padded(rows)), ids)
            for column, (row, T) in enumerate(zip(rows.tolist(), lengths.tolist(), strict=True)):
                S = int(read.lengths[row])
                attention = None if weights is None else weights[:T, column, :S].copy()
                tokens = [*padded[:T, column].tolist(), end]
                found[row] = attention, float(logs[range(T + 1), column, tokens].sum(dtype=np.float64))
        return [found[row] for row in range(len(read))]

    def _slots(self, ids: Ragged, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """(B, K) how often each slot stands in some sources."""
        slots = np.array(self.sources.sentences.slots, np.int64)
        return np.stack([(ids[int(row)][:, None] == slots).sum(0) for row in rows])

    def _batches(self, lengths: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
        """Row numbers: of so many sources as what is kept of each, once for each hypothesis, finds room."""
        features = self.network.features
        kept = features * self.beam_size  # numbers, for a token of the source
        scores = self.network.target_ids // features  # make as many as these tokens
        return by_length(lengths + scores, max(1, AT_A_TIME // kept))


class _Steps:
    """What follows in sequences that are written side by side, one call for each step."""

    def __init__(self, network: Network, memory: Any, count: int, targets: Targets) -> None:
        self.network = network
        self.memory = memory
        self.targets = targets
        self.sentences = np.arange(count)
        self.rows_of = memory  # the memory's rows for the sentences of the sequences
        self.state: Any = None

    def __call__(self, ids: Ids, parents: Ids) -> Floats:
        """(N, K) log-probabilities after tokens (N,), each of which goes on from a row of the call before."""
        self._follow(parents)
        first = self.state is None
        log_probs, self.state, _ = self.network.decode(self.rows_of, ids[None], self.state)
        return self._possible(check_finite(log_probs)[0], first)

    def _follow(self, parents: Ids) -> None:
        self.state = None if self.state is None else self.network.take(self.state, parents)
        sentences = self.sentences[parents]
        if not np.array_equal(sentences, self.sentences):  # it is large, and most steps change no sentence
            self.rows_of = self.network.take(self.memory, sentences)
            self.sentences = sentences

    def _possible(self, log_probs: Floats, first: bool) -> Floats:
        """Nobody wants to read nothing, a placeholder for what is unknown, or the beginning again."""
        sentences = self.targets.sentences
        for never in (sentences.begin, sentences.unknown_id, sentences.end if first else None):
            if never is not None:
                log_probs[:, never] = -np.inf
        return log_probs
