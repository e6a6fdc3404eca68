"""What a forecaster is trained on, and what its network says of many windows."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ostinato._errors import InputError
from ostinato.nn import ForecastNetwork
from ostinato.tasks._forecast_outputs import ForecastOutputs
from ostinato.tasks._forecast_windows import Batch, Windows
from ostinato.tasks._naive_forecasts import Predicted
from ostinato.tasks._sequence_objective import AT_A_TIME, evaluating
from ostinato.training import Figures, ShuffledBatches, State, StepLoss

_STEPS_PER_EPOCH = 50  # at least: a short series has too few windows to be judged after each pass over them


class ForecastObjective:
    """The `ostinato.training.Objective` of a network that forecasts windows.

    The loss is the mean over the steps whose values are not missing. An epoch takes each window once, or, of
    a few windows, several times.

    Args:
        network: to be trained.
        targets: what its outputs mean.
        train: windows.
        valid: those held out; None where nothing is.
        batch_size: windows a step.
        seed: of their order.
    """

    def __init__(
        self,
        network: ForecastNetwork,
        targets: ForecastOutputs,
        train: Windows,
        valid: Windows | None,
        batch_size: int,
        seed: int,
    ) -> None:
        self.module = network
        self.targets = targets
        self.train = train
        self.valid = valid
        passes = -(-_STEPS_PER_EPOCH * batch_size // len(train))
        self.batches = ShuffledBatches(len(train) * passes, batch_size, seed)

    @property
    def steps_per_epoch(self) -> int:
        """Batches in an epoch."""
        return self.batches.steps_per_epoch

    def loss(self, epoch: int, index: int, state: State) -> StepLoss:
        """The mean loss of one batch."""
        batch = self.train.batch(self.batches(epoch, index) % len(self.train))
        losses = _losses(self.targets, _outputs(self.module, batch), batch)
        return StepLoss(losses.mean(), batch.history.shape[0] * batch.history.shape[1], ())

    def evaluate(self) -> Figures:
        """The loss on what is held out; none where nothing is."""
        if self.valid is None:
            return {}
        return {"loss": read_windows(self.module, self.targets, self.valid, ())[1]}


@torch.no_grad()
def read_windows(
    network: ForecastNetwork, targets: ForecastOutputs, windows: Windows, levels: Sequence[float]
) -> tuple[Predicted, float]:
    """What a network says of windows, in the data's units, and its mean loss in those of the windows.

    Args:
        network: trained.
        targets: what its outputs mean.
        windows: N of them.
        levels: of the quantiles.

    Returns:
        Medians (N, H) and quantiles (N, H, Q); and the loss over all values that there are, NaN for none.

    Raises:
        InputError: the network's outputs are not finite.
    """
    losses, parts = [], []
    size = max(1, AT_A_TIME // ((windows.context + windows.horizon) * network.numbers_per_step))
    with evaluating(network):
        for begin in range(0, len(windows), size):
            batch = windows.batch(np.arange(begin, min(begin + size, len(windows))))
            outputs = _outputs(network, batch)
            if not outputs.isfinite().all():
                raise InputError(
                    "the model's outputs are not all finite: its weights are of no use, train it again"
                )
            losses.append(_losses(targets, outputs, batch).double().cpu().numpy())
            scaled = targets.quantiles(outputs.cpu().numpy(), (0.5, *levels))
            parts.append((scaled * batch.scale[:, None] + batch.level[:, None]).swapaxes(0, 1))
    quantiles, every = np.concatenate(parts), np.concatenate(losses)
    loss = float(every.mean()) if len(every) else np.nan
    return Predicted(quantiles[..., 0], quantiles[..., 1:]), loss


def _outputs(network: ForecastNetwork, batch: Batch) -> Tensor:
    """(H, B, K) where the network is."""
    device = network.decoder.weight.device
    outputs: Tensor = network(
        torch.from_numpy(batch.history).to(device), torch.from_numpy(batch.future).to(device)
    )
    return outputs


def _losses(targets: ForecastOutputs, outputs: Tensor, batch: Batch) -> Tensor:
    """The losses of all values of a batch that there are."""
    values: NDArray[np.float32] = batch.targets
    present = torch.from_numpy(~np.isnan(values)).to(outputs.device)
    return targets.losses(outputs[present], torch.from_numpy(values).to(outputs.device)[present])
