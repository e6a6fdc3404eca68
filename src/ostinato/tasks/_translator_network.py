"""A translator's network in torch, as `ostinato.data.translating` searches it."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from ostinato.nn import DecoderState, EncoderDecoder, Memory

Ids = NDArray[np.int64]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class TrainedNetwork:
    """Takes and gives arrays of numpy; what it keeps meanwhile stays where the network is.

    Attributes:
        network: in evaluation.
    """

    network: EncoderDecoder

    @property
    def features(self) -> int:
        """Numbers that are kept of a token of a source."""
        return self.network.combine.in_features

    @property
    def target_ids(self) -> int:
        """K."""
        return self.network.target_ids

    @torch.no_grad()
    def encode(self, source: Ids, lengths: Ids) -> Memory:
        """What is kept of sources (S, B) of these lengths (B,)."""
        return self.network.encode(self._there(source), self._there(lengths))

    @torch.no_grad()
    def decode(
        self, memory: Memory, ids: Ids, state: DecoderState | None = None
    ) -> tuple[Floats, DecoderState, Floats | None]:
        """As `EncoderDecoder.decode`."""
        log_probs, state, weights = self.network.decode(memory, self._there(ids), state=state)
        return log_probs.cpu().numpy(), state, None if weights is None else weights.cpu().numpy()

    def take(self, kept: Memory | DecoderState, rows: Ids) -> Memory | DecoderState:
        """Some rows of either, each as often as it is named."""
        return kept.take(self._there(rows))

    def _there(self, array: Ids) -> torch.Tensor:
        return torch.from_numpy(array).to(self.network.bias.device)
