"""What a forecaster is trained on, and what its network says of many windows."""

from collections.abc import Sequence
from copy import deepcopy

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ostinato.data import check_finite
from ostinato.data.forecasting import Windows
from ostinato.nn import ForecastNetwork
from ostinato.tasks._naive_forecasts import Predicted
from ostinato.tasks._sequence_objective import AT_A_TIME, evaluating
from ostinato.training import Figures, ShuffledBatches, State, StepLoss

_STEPS_PER_EPOCH = 100  # at least: a short series has too few windows to be judged after each pass over them
_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)


class ForecastObjective:
    """The `ostinato.training.Objective` of a network that corrects the forecasts of linear models.

    The loss is the mean over the steps whose values are not missing, and a penalty on the corrections' mean
    square that counts as much as one window: the fewer windows there are, the more is to be said for the
    linear model. An epoch takes each window once, or, of a few windows, several times.

    Args:
        network: to be trained.
        train: windows.
        independent: how many of them there would be if none had a step in common with another.
        valid: those held out; None where nothing is.
        batch_size: windows a step.
        seed: of their order.
    """

    def __init__(
        self,
        network: ForecastNetwork,
        train: Windows,
        independent: float,
        valid: Windows | None,
        batch_size: int,
        seed: int,
    ) -> None:
        self.module = network
        self.train = train
        self.penalty = 1 / independent
        self.valid = valid
        passes = -(-_STEPS_PER_EPOCH * min(batch_size, len(train)) // len(train))
        self.batches = ShuffledBatches(len(train) * passes, min(batch_size, len(train)), seed)

    @property
    def steps_per_epoch(self) -> int:
        """Batches in an epoch."""
        return self.batches.steps_per_epoch

    def loss(self, epoch: int, index: int, state: State) -> StepLoss:
        """The mean loss of one batch."""
        rows = self.batches(epoch, index) % len(self.train)
        corrections = _corrections(self.module, self.train, rows)
        loss = _losses(self.module, corrections, self.train.targets[rows]).mean()
        penalty = self.penalty * corrections.square().sum(-1).mean()
        return StepLoss(loss + penalty, len(rows) * self.train.history.shape[1], ())

    def evaluate(self) -> Figures:
        """The loss on what is held out; none where nothing is."""
        return {} if self.valid is None else {"loss": mean_loss(self.module, self.valid)}


def shrink(network: ForecastNetwork, valid: Windows) -> None:
    """Keep only as much of the network's corrections as what is held out speaks for.

    The share ρ has the least loss times 1 + ρ/√n, with n the number of held-out windows that have no step in
    common: what is not better than the linear model by more than chance goes.

    Args:
        network: trained.
        valid: windows from every step that was held out.
    """
    count = max(int(np.count_nonzero(~np.isnan(valid.targets[:, 0]))), 1) / valid.horizon
    losses = {}
    for share in _SHARES:
        losses[share] = mean_loss(shrunk(network, share), valid) * (1 + share / count**0.5)
    network.shrink(min(losses, key=lambda share: losses[share]))


def shrunk(network: ForecastNetwork, share: float) -> ForecastNetwork:
    """A copy that keeps only this share of the network's corrections; 0: the linear models alone."""
    other = deepcopy(network)
    other.shrink(share)
    return other


def mean_loss(network: ForecastNetwork, windows: Windows) -> float:
    """The mean loss over all values that there are, in the windows' units."""
    return float(_read(network, windows, ())[1])


def read_windows(
    network: ForecastNetwork, windows: Windows, levels: Sequence[float]
) -> tuple[Predicted, float]:
    """What a network says of windows, in the data's units, and its mean loss in those of the windows.

    Args:
        network: trained.
        windows: N of them, one at least.
        levels: of the quantiles.

    Returns:
        Medians (N, H) and quantiles (N, H, Q); and the loss over all values that there are, NaN for none.

    Raises:
        InputError: the network's outputs are not finite.
    """
    scaled, loss = _read(network, windows, (0.5, *levels))
    quantiles = windows.values(check_finite(scaled))
    return Predicted(quantiles[..., 0], quantiles[..., 1:]), loss


@torch.no_grad()
def _read(
    network: ForecastNetwork, windows: Windows, levels: Sequence[float]
) -> tuple[NDArray[np.float64], float]:
    """(N, H, Q) quantiles in the windows' units, and the mean loss."""
    losses, parts = [], []
    steps = windows.history.shape[1] + windows.horizon
    size = max(1, AT_A_TIME // (steps * network.numbers_per_step))
    shape = network.shape.at(levels)
    with evaluating(network):
        for begin in range(0, len(windows), size):
            rows = np.arange(begin, min(begin + size, len(windows)))
            corrections = _corrections(network, windows, rows)
            losses.append(_losses(network, corrections, windows.targets[rows]).double())
            shift, log_scale = corrections.double().cpu().transpose(0, 1).tensor_split(2, -1)
            parts.append(shift + log_scale.exp() * shape.cpu())
    every = torch.cat(losses)
    return torch.cat(parts).numpy(), float(every.mean()) if len(every) else float("nan")


def _corrections(network: ForecastNetwork, windows: Windows, rows: NDArray[np.int64]) -> Tensor:
    """(H, B, 2) where the network is."""
    device = network.decoder.weight.device
    history, future = (
        torch.from_numpy(array[rows].swapaxes(0, 1)).contiguous().to(device)
        for array in (windows.history, windows.future)
    )
    corrections: Tensor = network(history, future)
    return corrections


def _losses(network: ForecastNetwork, corrections: Tensor, targets: NDArray[np.float32]) -> Tensor:
    """The losses of all targets (B, H) that there are."""
    values = torch.from_numpy(targets.T).to(corrections.device)
    present = ~values.isnan()
    return network.shape.losses(corrections[present], values[present])
