"""A translator writes: beam search over what its network says, batch by batch."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ostinato._errors import InputError
from ostinato.data import Hypothesis, Ragged, beam_search, by_length
from ostinato.nn import DecoderState, EncoderDecoder, Memory
from ostinato.tasks._sequence_objective import AT_A_TIME, evaluating
from ostinato.tasks._translator_sides import Sources, Targets


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

    network: EncoderDecoder
    sources: Sources
    targets: Targets
    beam_size: int
    length_penalty: float
    length: int | None = None

    @torch.no_grad()
    def hypotheses(self, ids: Ragged, read: Ragged) -> list[list[Hypothesis]]:
        """The best that are found for each source, given its ids and what the network reads."""
        found: dict[int, list[Hypothesis]] = {}
        with evaluating(self.network):
            for rows in self._batches(read.lengths):
                memory = self._encoded(read, rows)
                longest = self.targets.longest(ids.lengths[rows])
                hypotheses = beam_search(
                    _Steps(self.network, memory, self.targets),
                    len(rows),
                    beam_size=self.beam_size,
                    length=longest if self.length is None else np.full_like(longest, self.length),
                    length_penalty=self.length_penalty,
                    begin=self.targets.sentences.begin,
                    end=self.targets.sentences.end,
                    slots=self._slots(ids, rows),
                    first_slot=self.targets.sentences.slots.start,
                )
                found.update(zip(rows.tolist(), hypotheses, strict=True))
        return [found[row] for row in range(len(ids))]

    @torch.no_grad()
    def told(self, read: Ragged, written: Ragged) -> list[tuple[NDArray[np.float32] | None, float]]:
        """Of what was read of each source, and what was written: (T, S) float32, None without attention; and
        the log-probability of that and the end.
        """  # noqa: D205
        found: dict[int, tuple[NDArray[np.float32] | None, float]] = {}
        begin, end = self.targets.sentences.begin, self.targets.sentences.end
        with evaluating(self.network):
            for rows in self._batches(read.lengths):
                padded, lengths = written.padded(rows)
                told = torch.from_numpy(np.concatenate([np.full((1, len(rows)), begin), padded]))
                memory = self._encoded(read, rows)
                logs, _, weights = self.network.decode(memory, told.to(memory.lengths.device))
                for column, (row, T) in enumerate(zip(rows.tolist(), lengths.tolist(), strict=True)):
                    attention = (
                        None
                        if weights is None
                        else weights[:T, column, : int(read.lengths[row])].cpu().numpy()
                    )
                    ids = [*padded[:T, column].tolist(), end]
                    log_probability = float(logs[range(T + 1), column, ids].double().sum())
                    found[row] = (None if attention is None else attention.copy(), log_probability)
        return [found[row] for row in range(len(read))]

    def _encoded(self, read: Ragged, rows: NDArray[np.int64]) -> Memory:
        device = self.network.bias.device
        return self.network.encode(*(torch.from_numpy(array).to(device) for array in read.padded(rows)))

    def _slots(self, ids: Ragged, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """(B, K) how often each slot stands in some sources."""
        slots = np.array(self.sources.sentences.slots, np.int64)
        return np.stack([(ids[int(row)][:, None] == slots).sum(0) for row in rows])

    def _batches(self, lengths: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
        """Row numbers: of so many sources as what is kept of each, once for each hypothesis, finds room."""
        network = self.network
        kept = network.combine.in_features * self.beam_size  # numbers, for a token of the source
        scores = network.target_ids // network.combine.in_features  # make as many as these tokens
        return by_length(lengths + scores, max(1, AT_A_TIME // kept))


class _Steps:
    """What follows in sequences that are written side by side, one call for each step."""

    def __init__(self, network: EncoderDecoder, memory: Memory, targets: Targets) -> None:
        self.network = network
        self.memory = memory
        self.targets = targets
        self.sentences = np.arange(len(memory.lengths))
        self.rows_of = memory  # the memory's rows for the sentences of the sequences
        self.state: DecoderState | None = None

    def __call__(self, ids: NDArray[np.int64], parents: NDArray[np.int64]) -> NDArray[np.float32]:
        """(N, K) log-probabilities after tokens (N,), each of which goes on from a row of the call before."""
        self._follow(parents)
        tokens = torch.from_numpy(ids).to(self.memory.lengths.device)
        first = self.state is None
        log_probs, self.state, _ = self.network.decode(self.rows_of, tokens[None], state=self.state)
        if not log_probs.isfinite().all():
            raise InputError(
                "the model's outputs are not all finite: its weights are of no use, train it again"
            )
        return self._possible(log_probs[0], first).cpu().numpy()

    def _follow(self, parents: NDArray[np.int64]) -> None:
        rows = torch.from_numpy(parents).to(self.memory.lengths.device)
        self.state = None if self.state is None else self.state.take(rows)
        sentences = self.sentences[parents]
        if not np.array_equal(sentences, self.sentences):  # it is large, and most steps change no sentence
            self.rows_of = self.memory.take(torch.from_numpy(sentences).to(rows.device))
            self.sentences = sentences

    def _possible(self, log_probs: Tensor, first: bool) -> Tensor:
        """Nobody wants to read nothing, a placeholder for what is unknown, or the beginning again."""
        sentences = self.targets.sentences
        for never in (sentences.begin, sentences.unknown_id, sentences.end if first else None):
            if never is not None:
                log_probs[:, never] = -torch.inf
        return log_probs
