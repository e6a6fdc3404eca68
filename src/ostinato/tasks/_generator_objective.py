"""What a generator is trained on, and how likely it takes many sequences to be."""

from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ostinato.data import by_length
from ostinato.nn import ConditionalNetwork
from ostinato.tasks._generator_targets import Encoded, GeneratorTargets
from ostinato.tasks._sequence_objective import AT_A_TIME, evaluating
from ostinato.training import Figures, ShuffledBatches, State, StepLoss

Scored: TypeAlias = tuple[NDArray[Any], Encoded]
"""Conditions (n,) int64 or (n, D) float32, and the sequences that belong to them."""


class GeneratorObjective:
    """The `ostinato.training.Objective` of a network that writes what it is asked for.

    The loss is the mean of −log p over the steps of a batch, ends included, given the true steps before.

    Args:
        network: to be trained.
        targets: what its outputs mean.
        train: conditions and sequences.
        valid: those held out; None where nothing is.
        batch_size: sequences a step.
        seed: of their order.
    """

    def __init__(
        self,
        network: ConditionalNetwork,
        targets: GeneratorTargets,
        train: Scored,
        valid: Scored | None,
        batch_size: int,
        seed: int,
    ) -> None:
        self.module = network
        self.targets = targets
        self.train = train
        self.valid = valid
        self.batches = ShuffledBatches(len(train[0]), batch_size, seed)

    @property
    def steps_per_epoch(self) -> int:
        """Batches in an epoch."""
        return self.batches.steps_per_epoch

    def loss(self, epoch: int, index: int, state: State) -> StepLoss:
        """The mean loss of one batch."""
        rows = self.batches(epoch, index)
        nats = _nats(self.module, self.targets, self.train, rows)
        steps = int(self.train[1].steps.lengths[rows].sum())
        return StepLoss(nats.sum() / steps, steps, ())

    def evaluate(self) -> Figures:
        """Figures of what is held out; none where nothing is."""
        if self.valid is None:
            return {}
        return self.targets.figures(nats_of(self.module, self.targets, self.valid), self.valid[1])


@torch.no_grad()
def nats_of(network: ConditionalNetwork, targets: GeneratorTargets, scored: Scored) -> NDArray[np.float64]:
    """(n,) −log p of each sequence, its end included, given what is asked for and all that came before."""
    nats = np.zeros(len(scored[0]))
    with evaluating(network):
        for rows in by_length(scored[1].steps.lengths, max(1, AT_A_TIME // network.numbers_per_step)):
            nats[rows] = _nats(network, targets, scored, rows).double().sum(0).cpu().numpy()
    return nats


def _nats(
    network: ConditionalNetwork, targets: GeneratorTargets, scored: Scored, rows: NDArray[np.int64]
) -> Tensor:
    """(T, B) −log p of each step of some sequences, 0 past their ends."""
    conditions, encoded = scored
    device = network.decoder.weight.device
    x, steps, lengths = (tensor.to(device) for tensor in targets.batch(encoded, rows))
    outputs, _ = network(x, torch.from_numpy(conditions[rows]).to(device), lengths)
    real = torch.arange(len(x), device=device)[:, None] < lengths
    return targets.nats(outputs, steps).where(real, 0.0)
