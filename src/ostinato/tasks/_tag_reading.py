"""How a tagger reads sequences of any length: in windows, of which only one is in memory at a time."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ostinato.data import CONTEXT, Ragged, read_windows
from ostinato.nn import SequenceNetwork
from ostinato.tasks._sequence_objective import batch_of, evaluating, outputs_at


def read_sequences(network: SequenceNetwork, sequences: Ragged, window: int) -> Ragged:
    """Logits (T, K) of each sequence: short ones many at a time, a long one alone, as by `read_stream`."""
    is_long = sequences.lengths >= window + CONTEXT
    short = np.flatnonzero(~is_long)
    arrays: dict[int, Any] = dict(zip(short.tolist(), outputs_at(network, sequences, short), strict=True))
    with evaluating(network):
        for row in np.flatnonzero(is_long).tolist():
            arrays[row] = np.concatenate(list(read_stream(network, [sequences[row]], window)))
    return Ragged.of([arrays[row] for row in range(len(sequences))])


def read_stream(
    network: SequenceNetwork, pieces: Iterable[NDArray[Any]], window: int
) -> Iterator[NDArray[np.float32]]:
    """Logits of one sequence that comes in pieces, by a network in evaluation mode; as of `read_windows`."""
    return read_windows(_Reader(network), pieces, window)


class _Reader:
    """A network as `read_windows` asks for it."""

    def __init__(self, network: SequenceNetwork) -> None:
        self.network = network
        self.looks_ahead = bool(network.recurrent.bidirectional)

    @torch.no_grad()
    def whole(self, steps: NDArray[Any]) -> NDArray[np.float32]:
        logits: NDArray[np.float32] = self.network(*self._alone(steps))[:, 0].cpu().numpy()
        return logits

    @torch.no_grad()
    def onwards(self, steps: NDArray[Any], state: Any) -> tuple[NDArray[np.float32], Any]:
        logits, state = self.network.read(self._alone(steps)[0], state)
        return logits[:, 0].cpu().numpy(), state

    def _alone(self, steps: NDArray[Any]) -> tuple[Tensor, Tensor]:
        """Steps (T, …) as a batch of one row, and its length."""
        return batch_of(Ragged.of([steps]), np.zeros(1, np.int64), self.network)
