"""What a classifier, a regressor or a tagger is trained on, and what its network says of many sequences."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ostinato.data import Ragged, by_length
from ostinato.nn import SequenceNetwork
from ostinato.tasks._sequence_targets import Encoded, SequenceTargets
from ostinato.training import Figures, ShuffledBatches, State, StepLoss

AT_A_TIME = 1 << 23  # numbers computed


class SequenceObjective:
    """The `ostinato.training.Objective` of a network that reads whole sequences.

    Args:
        network: to be trained.
        targets: what its outputs mean.
        train: sequences and their encoded targets.
        valid: the same of those held out; None where nothing is.
        batch_size: sequences a step.
        seed: of their order.
        read: what gives the outputs for what is held out.
    """

    def __init__(
        self,
        network: SequenceNetwork,
        targets: SequenceTargets,
        train: tuple[Ragged, Encoded],
        valid: tuple[Ragged, Encoded] | None,
        batch_size: int,
        seed: int,
        read: Callable[[Any, Ragged], Any] | None = None,
    ) -> None:
        self.module = network
        self.targets = targets
        self.train = train
        self.valid = valid
        self.read = read or outputs_of
        self.batches = ShuffledBatches(len(train[0]), batch_size, seed)

    @property
    def steps_per_epoch(self) -> int:
        """Batches in an epoch."""
        return self.batches.steps_per_epoch

    def loss(self, epoch: int, index: int, state: State) -> StepLoss:
        """The mean loss of one batch."""
        rows = self.batches(epoch, index)
        x, lengths = batch_of(self.train[0], rows, self.module)
        targets = _targets_of(self.train[1], rows).to(x.device)
        loss = self.targets.loss(self.module, self.module(x, lengths), targets, lengths)
        return StepLoss(loss, int(lengths.sum()), ())

    def evaluate(self) -> Figures:
        """Figures of what is held out; none where nothing is."""
        if self.valid is None:
            return {}
        return self.targets.figures(self.read(self.module, self.valid[0]), self.valid[1])


def outputs_of(network: SequenceNetwork, sequences: Ragged) -> Any:
    """What a network gives for each sequence.

    Returns:
        (n, K) float32 where the network pools; otherwise a `Ragged` of (T, K).
    """
    arrays = outputs_at(network, sequences, np.arange(len(sequences)))
    return np.stack(arrays) if network.pooling is not None else Ragged.of(arrays)


@torch.no_grad()
def outputs_at(
    network: SequenceNetwork, sequences: Ragged, rows: NDArray[np.int64]
) -> list[NDArray[np.float32]]:
    """What a network gives for some of the sequences, (K,) or (T, K) each.

    They are read sorted by length, as many at a time as memory allows.
    """
    arrays: dict[int, NDArray[np.float32]] = {}
    with evaluating(network):
        for some in by_length(sequences.lengths[rows], max(1, AT_A_TIME // network.numbers_per_step)):
            x, lengths = batch_of(sequences, rows[some], network)
            outputs = network(x, lengths).cpu().numpy()
            for column, (index, length) in enumerate(zip(some.tolist(), lengths.tolist(), strict=True)):
                arrays[index] = outputs[column] if outputs.ndim == 2 else outputs[:length, column].copy()
    return [arrays[index] for index in range(len(rows))]


@contextmanager
def evaluating(network: nn.Module) -> Iterator[None]:
    """Within the block the network is in evaluation mode; then as it was before."""
    training = network.training
    network.eval()
    try:
        yield
    finally:
        network.train(training)


def batch_of(sequences: Ragged, rows: NDArray[np.int64], network: SequenceNetwork) -> tuple[Tensor, Tensor]:
    """A batch where the network is: x (T, B, …) and lengths (B,)."""
    padded, lengths = sequences.padded(rows)
    x = torch.from_numpy(padded.astype(np.int64) if padded.ndim == 2 else padded)
    device = network.decoder.weight.device
    return x.to(device), torch.from_numpy(lengths).to(device)


def _targets_of(targets: Encoded, rows: NDArray[np.int64]) -> Tensor:
    return torch.from_numpy(targets.padded(rows)[0] if isinstance(targets, Ragged) else targets[rows])
