"""Beam search: the likeliest sequences of a network that goes on token by token."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]
Scores = NDArray[np.float64]
Step = Callable[[Ids, Ids], NDArray[np.float32]]


@dataclass(frozen=True)
class Hypothesis:
    """A sequence that was found.

    Attributes:
        ids: (T,) without the end.
        log_probability: of the sequence and its end; -inf if none was found.
        score: what it was ranked by, the log-probability normalised by the length.
        complete: whether no slot is missing.
    """

    ids: Ids
    log_probability: float = -np.inf
    score: float = -np.inf
    complete: bool = False


def beam_search(
    step: Step,
    count: int,
    *,
    beam_size: int,
    length: Ids,
    length_penalty: float,
    begin: int,
    end: int,
    slots: Ids | None = None,
    first_slot: int = 0,
) -> list[list[Hypothesis]]:
    """The best sequences for each of some sentences, which are searched together.

    At each step the `beam_size` likeliest beginnings of a sentence's sequences are kept. One that ends while
    it is among them is a result. A sentence leaves the batch when it has as many results and the best of them
    is better than all that is kept is so far, or when nothing that is kept can become better.

    Results are ranked by log p / ((5 + T) / 6)^α for T tokens, of which the end is one (Wu et al. 2016,
    equation 14). Those that miss a slot rank after those that have all, and while there are no others the
    search goes on. Of each sentence up to `beam_size` results are returned, the best first; where none was
    found, an empty sequence of no probability.

    Args:
        step: gives the log-probabilities of what follows N tokens (N,): (N, V), -inf for what must not. It is
            also told which row of its last answer each of them goes on from, (N,); in the first call, where
            all tokens are `begin`, these are the sentences 0 … count - 1.
        count: the number of sentences, B.
        beam_size: 1 takes the likeliest token at each step.
        length: (B,) tokens at most, without the end.
        length_penalty: α, not negative; 0 ranks by the probability alone, which favours what is short.
        begin: the token before the first; the step sees to it that it does not come again.
        end: the token after the last.
        slots: (B, K) how often each slot may be written; one that may be has to be, at least once.
        first_slot: the token of the first slot; those of the others follow.
    """
    slots = np.zeros((count, 0), np.int64) if slots is None else slots
    grammar = _Grammar(length, slots, end, first_slot)
    results = _Results(beam_size, length_penalty, length, count)
    sentences = np.arange(count)
    beam = _Beam(
        sentences, np.full((count, 1), begin), sentences[:, None], np.zeros((count, 1)), slots[:, None]
    )
    calls: list[_Beam] = []
    while beam.sentences.size:
        log_probs = grammar.restricted(step(beam.tokens.ravel(), beam.parents.ravel()), beam, len(calls))
        calls.append(beam)
        likeliest = _likeliest(beam.scores, log_probs, 2 * beam_size)  # at most half of them are ends
        results.add(calls, likeliest, likeliest.tokens == end, grammar.complete(beam))
        kept = likeliest.going_on(end, beam_size)
        beam = _next(beam, kept, grammar.left(beam, kept), ~results.done(calls, kept.scores[:, 0]))
    return results.ranked()


@dataclass(frozen=True)
class _Beam:
    """What a call of the step is about: S sentences, K sequences of each.

    Attributes:
        sentences: (S,) their numbers.
        tokens: (S, K) what each sequence goes on with.
        parents: (S, K) the row of the last answer from which that was chosen.
        scores: (S, K) log-probabilities; -inf where there is no sequence.
        left: (S, K, slots) how often each slot may still be written.
    """

    sentences: Ids
    tokens: Ids
    parents: Ids
    scores: Scores
    left: Ids


@dataclass(frozen=True)
class _Candidates:
    """How the sequences of S sentences may go on, the likeliest first.

    Attributes:
        scores: (S, C) log-probabilities.
        ranks: (S, C) which of the K sequences goes on.
        tokens: (S, C) with what.
    """

    scores: Scores
    ranks: Ids
    tokens: Ids

    def going_on(self, end: int, count: int) -> "_Candidates":
        """The first `count` that do not end; where there are fewer, ends without a chance."""
        ends = self.tokens == end
        order = np.argsort(ends, axis=1, kind="stable")[:, :count]
        scores = np.where(ends, -np.inf, self.scores)
        return _Candidates(*(np.take_along_axis(a, order, 1) for a in (scores, self.ranks, self.tokens)))


@dataclass(frozen=True)
class _Grammar:
    """What may be written; see `beam_search`."""

    length: Ids
    slots: Ids
    end: int
    first_slot: int

    def restricted(self, log_probs: NDArray[np.float32], beam: _Beam, written: int) -> Scores:
        """(S, K, V) what follows, -inf for what must not: a slot once more, a token too many."""
        possible = np.array(log_probs, np.float64).reshape(*beam.tokens.shape, -1)
        possible[..., self.first_slot : self.first_slot + beam.left.shape[2]][beam.left == 0] = -np.inf
        ended = possible[..., self.end].copy()
        possible[self.length[beam.sentences] <= written] = -np.inf
        possible[..., self.end] = ended
        return possible

    def complete(self, beam: _Beam) -> NDArray[np.bool_]:
        """(S, K) whether no slot is missing."""
        allowed = self.slots[beam.sentences, None]
        complete: NDArray[np.bool_] = ((beam.left < allowed) | (allowed == 0)).all(2)
        return complete

    def left(self, beam: _Beam, kept: _Candidates) -> Ids:
        """(S, C, slots) how often each slot may be written after these."""
        slots = self.first_slot + np.arange(self.slots.shape[1])
        before = np.take_along_axis(beam.left, kept.ranks[..., None], 1)
        left: Ids = before - (kept.tokens[..., None] == slots)
        return left


class _Results:
    """The results of each sentence so far; see `beam_search`."""

    def __init__(self, beam_size: int, length_penalty: float, length: Ids, count: int) -> None:
        self._found: list[list[Hypothesis]] = [[] for _ in range(count)]
        self._bars = np.full(count, -np.inf)  # the best score of each sentence's that miss no slot
        self._beam_size, self._length_penalty, self._length = beam_size, length_penalty, length
        self._complete = np.zeros(count, np.int64)  # how many of each sentence miss no slot

    def add(
        self,
        calls: Sequence[_Beam],
        likeliest: _Candidates,
        ends: NDArray[np.bool_],
        complete: NDArray[np.bool_],
    ) -> None:
        """Take the candidates that end and are among the `beam_size` likeliest."""
        sentences, (_, sequences) = calls[-1].sentences, complete.shape
        results = ends[:, : self._beam_size] & (likeliest.scores[:, : self._beam_size] > -np.inf)
        for row, column in np.argwhere(results).tolist():
            sentence, rank = sentences[row], int(likeliest.ranks[row, column])
            log_probability, has_all = float(likeliest.scores[row, column]), bool(complete[row, rank])
            score = float(self._normalised(log_probability, len(calls)))
            self._complete[sentence] += has_all
            if has_all:
                self._bars[sentence] = max(self._bars[sentence], score)
            ids = _written(calls, row * sequences + rank)
            self._found[sentence].append(Hypothesis(ids, log_probability, score, has_all))

    def done(self, calls: Sequence[_Beam], likeliest: Scores) -> NDArray[np.bool_]:
        """(S,) which sentences have their result, where sequences of these log-probabilities (S,) go on."""
        sentences = calls[-1].sentences
        bars = self._bars[sentences]
        hopes = self._normalised(likeliest, self._length[sentences] + 1)
        # Results alone do not do: where the network is sure, they are ends that it thinks all but impossible.
        enough = self._complete[sentences] >= self._beam_size
        done: NDArray[np.bool_] = (hopes <= bars) | enough & (self._normalised(likeliest, len(calls)) <= bars)
        return done

    def ranked(self) -> list[list[Hypothesis]]:
        """The best of each sentence, the best first."""
        return [
            sorted(found, key=lambda hypothesis: (hypothesis.complete, hypothesis.score), reverse=True)[
                : self._beam_size
            ]
            or [Hypothesis(np.zeros(0, np.int64))]
            for found in self._found
        ]

    def _normalised(self, log_probability: Any, tokens: Any) -> Any:
        return log_probability / ((5 + tokens) / 6) ** self._length_penalty


def _likeliest(scores: Scores, log_probs: Scores, count: int) -> _Candidates:
    """The `count` best ways to go on from sequences (S, K) with tokens (S, K, V)."""
    totals = scores[:, :, None] + log_probs
    columns = min(count, totals.shape[2])
    # The best go on with some of as many tokens: those that some sequence goes on with best.
    tokens = np.argpartition(-totals.max(1), columns - 1, axis=1)[:, :columns]
    few = np.take_along_axis(totals, tokens[:, None], 2).reshape(len(totals), -1)
    order = np.argsort(-few, axis=1, kind="stable")[:, :count]
    ranks, column = np.divmod(order, columns)
    return _Candidates(np.take_along_axis(few, order, 1), ranks, np.take_along_axis(tokens, column, 1))


def _next(beam: _Beam, kept: _Candidates, left: Ids, unfinished: NDArray[np.bool_]) -> _Beam:
    """The beam of the sentences that are not done."""
    rows = np.arange(len(beam.sentences))[:, None] * beam.tokens.shape[1] + kept.ranks
    return _Beam(
        beam.sentences[unfinished],
        kept.tokens[unfinished],
        rows[unfinished],
        kept.scores[unfinished],
        left[unfinished],
    )


def _written(calls: Sequence[_Beam], row: int) -> Ids:
    """(T,) what the sequence in a row of the last call has written so far."""
    ids = []
    for call in reversed(calls[1:]):
        ids.append(call.tokens.flat[row])
        row = int(call.parents.flat[row])
    return np.array(ids[::-1], np.int64)
