"""What is known of every step of many sequences: scores for each label, to be read in several ways."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ostinato.data import Ragged, by_length, softmax
from ostinato.nn import LinearChainCRF
from ostinato.tasks._class_figures import mean_log_loss

_AT_A_TIME = 1 << 22  # numbers a CRF computes


@dataclass(frozen=True)
class TagScores:
    """Scores of labels at steps.

    Attributes:
        logits: sequences (T, K) float32.
        crf: what scores neighbouring labels; None where each step is independent.
    """

    logits: Ragged
    crf: LinearChainCRF | None = None

    def likeliest(self) -> Ragged:
        """(T,) int64 for each sequence: the number of each step's likeliest label; with a CRF those of the
        likeliest labelling as a whole.
        """  # noqa: D205
        return self._likeliest

    @cached_property  # figures and details both ask for it, and a CRF's labelling takes its time
    def _likeliest(self) -> Ragged:
        if self.crf is None:
            return Ragged(self.logits.values.argmax(-1), self.logits.offsets)
        paths: list[Any] = [None] * len(self.logits)
        for rows, logits, lengths in self._batches(self.crf):
            for row, path in zip(rows, self.crf.decode(logits, lengths), strict=True):
                paths[row] = path.cpu().numpy()
        return Ragged.of(paths)

    def probabilities(self) -> Ragged:
        """(T, K) float64 for each sequence: each label's probability at each step; rows sum to 1."""
        if self.crf is None:
            return Ragged(softmax(self.logits.values), self.logits.offsets)
        marginals: list[Any] = [None] * len(self.logits)
        for rows, logits, lengths in self._batches(self.crf):
            batch = self.crf.marginals(logits, lengths).cpu().numpy().astype(np.float64)
            for column, (row, length) in enumerate(zip(rows, lengths.tolist(), strict=True)):
                of_row = batch[:length, column]
                marginals[row] = of_row / of_row.sum(-1, keepdims=True)
        return Ragged.of(marginals)

    @torch.no_grad()
    def loss(self, labels: Ragged) -> float:
        """-log p of the right labels, in nats, averaged over the steps of all sequences."""
        if self.crf is None:
            return mean_log_loss(self.logits.values, labels.values)
        total = 0.0
        for rows, logits, lengths in self._batches(self.crf):
            truth = torch.from_numpy(labels.padded(rows)[0]).to(logits.device)
            total += float(self.crf.loss(logits, truth, lengths).double().sum())
        return total / len(self.logits.values)

    def _batches(self, crf: LinearChainCRF) -> Iterator[tuple[NDArray[np.int64], Tensor, Tensor]]:
        """Row numbers, logits (T, B, K) and lengths (B,)."""
        device, numbers = crf.transitions.device, crf.transitions.numel()
        for rows in by_length(self.logits.lengths, max(1, _AT_A_TIME // numbers)):
            logits, lengths = self.logits.padded(rows)
            yield rows, torch.from_numpy(logits).to(device), torch.from_numpy(lengths).to(device)
