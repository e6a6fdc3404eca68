"""What a translator is trained on, and how likely it takes given translations to be."""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import nll_loss

from ostinato.data import Ragged, by_length
from ostinato.data.translating import Pairs, Sentences
from ostinato.nn import EncoderDecoder
from ostinato.tasks._sequence_objective import AT_A_TIME, evaluating
from ostinato.tasks._translation_table import TranslationTable
from ostinato.tasks._translator_batches import LengthBatches
from ostinato.training import Figures, State, StepLoss

_GUIDED = 3000  # steps
_LEAST = 1e-6  # of attention
_OTHERWISE = 0.5  # of the sources, in a step, are read in another way than the first


class TranslatorObjective:
    """The `ostinato.training.Objective` of a network that writes what it has read in another form.

    The loss is −log p of the tokens of a batch's targets, ends included, each step being told the true tokens
    before it (teacher forcing); with smoothing of the true tokens (Szegedy et al. 2016). It is divided by the
    tokens that batches have on average: all tokens weigh alike, be their batch of long pairs or of short.

    Sources that can be read in several ways, with different memories, are read in any of them: the network
    sees more of what is to be copied and what is not, and learns less of it by heart.

    For the first 3,000 steps, less and less, attention α is guided as well (Chen et al. 2016): to the loss is
    added −Σ A log α, where A is what a `TranslationTable` of the training pairs says that translates what.

    Args:
        network: to be trained.
        begin: what the decoder reads first.
        train: sources and targets.
        valid: those held out; None where nothing is.
        batch_size: pairs a step; None: see `LengthBatches`.
        label_smoothing: share of a true token's probability that is spread over all tokens, in training.
        seed: of the pairs' order.
    """

    def __init__(
        self,
        network: EncoderDecoder,
        begin: int,
        train: Pairs,
        valid: Pairs | None,
        batch_size: int | None,
        label_smoothing: float,
        seed: int,
    ) -> None:
        self.module = network
        self.begin = begin
        self.train = train
        self.valid = valid
        self.label_smoothing = label_smoothing
        self.batches = LengthBatches(train[0].ids.lengths + train[1].ids.lengths, batch_size, seed)
        attends = network.attention is not None
        self.table = TranslationTable.learn(train[0].ids, train[1].ids) if attends else None
        self.tokens = -(-len(train[1].ids.values) // self.batches.steps_per_epoch)  # of a batch, on average

    @property
    def steps_per_epoch(self) -> int:
        """Batches in an epoch."""
        return self.batches.steps_per_epoch

    def loss(self, epoch: int, index: int, state: State) -> StepLoss:
        """The loss of one batch."""
        batch = self._batch(epoch, index)
        log_probs, weights, ids = told(self.module, self.begin, batch, np.arange(len(batch[1].ids)))
        nats, e = nll_loss(log_probs, ids, reduction="sum"), self.label_smoothing
        smoothed = (1 - e) * nats - e * log_probs.mean(1).sum()
        guidance = 1 - (epoch * self.steps_per_epoch + index) / _GUIDED
        if weights is not None and guidance > 0:
            smoothed = (
                smoothed - guidance * (self._alignment(batch, weights) * (weights + _LEAST).log()).sum()
            )
        return StepLoss(smoothed / self.tokens, self.tokens, ())

    def _batch(self, epoch: int, index: int) -> Pairs:
        """Some pairs; where sources can be read in several ways, as often in the first as in all others."""
        rows = self.batches(epoch, index)
        read, written = self.train
        ways = [read.ids, *read.others]
        random = np.random.default_rng((self.batches.seed, epoch, index))
        other = random.random(len(rows)) < _OTHERWISE
        which = np.where(other & (len(ways) > 1), random.integers(1, max(2, len(ways)), len(rows)), 0)
        sources = Ragged.of([ways[way][row] for way, row in zip(which.tolist(), rows.tolist(), strict=True)])
        return Sentences((), sources), Sentences((), written.ids.take(rows.tolist()))

    def _alignment(self, batch: Pairs, weights: Tensor) -> Tensor:
        """(N, S) what attention (N, S) should be; nothing for the ends of targets."""
        assert self.table is not None
        rows = np.arange(len(batch[0].ids))
        (sources, read), (targets, written) = (side.ids.padded(rows) for side in batch)
        sources = np.where(np.arange(len(sources))[:, None] < read, sources, -1)
        alignment = self.table.alignment(sources, targets)
        alignment[written - 1, rows] = 0
        real = np.arange(len(targets))[:, None] < written
        return torch.from_numpy(alignment[real]).to(weights.device)

    def evaluate(self) -> Figures:
        """Figures of what is held out; none where nothing is."""
        return {} if self.valid is None else likelihood(self.module, self.begin, self.valid)


def told(
    network: EncoderDecoder, begin: int, pairs: Pairs, rows: NDArray[np.int64]
) -> tuple[Tensor, Tensor | None, Tensor]:
    """What a network says of the N steps of some targets, given the true tokens before: log-probabilities
    (N, K) and attention (N, S); and the true tokens (N,).
    """  # noqa: D205
    device = network.bias.device
    source, source_lengths = (torch.from_numpy(array).to(device) for array in pairs[0].ids.padded(rows))
    padded, lengths = pairs[1].ids.padded(rows)
    read = np.concatenate([np.full_like(padded[:1], begin), padded[:-1]])
    real = np.arange(len(padded))[:, None] < lengths
    log_probs, weights = network(
        source, source_lengths, torch.from_numpy(read).to(device), torch.from_numpy(lengths).to(device)
    )
    return log_probs, weights, torch.from_numpy(padded[real]).to(device)


@torch.no_grad()
def likelihood(network: EncoderDecoder, begin: int, pairs: Pairs) -> Figures:
    """Loss, −log p per token in nats, and perplexity."""
    nats, steps = 0.0, max(1, AT_A_TIME // network.numbers_per_step)
    lengths = np.maximum(pairs[0].ids.lengths, pairs[1].ids.lengths)
    with evaluating(network):
        for rows in by_length(lengths, steps):
            log_probs, _, ids = told(network, begin, pairs, rows)
            nats += float(nll_loss(log_probs, ids, reduction="none").double().sum())
    loss = nats / len(pairs[1].ids.values)
    return {"loss": loss, "perplexity": math.exp(min(loss, 700.0))}
