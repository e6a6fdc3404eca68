"""Numbers: one value, or a few, for each sequence."""

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import mse_loss

from ostinato._errors import InputError
from ostinato.data import Examples, NumberAnswers, Scaler, named
from ostinato.tasks._sequence_targets import Encoded, SequenceTargets, given
from ostinato.training import Figures

_FARTHEST = 1e15  # standard deviations of training; the square of more is no float32


class NumberTargets(NumberAnswers, SequenceTargets):
    """Numbers, scaled by those of training; the loss is their mean squared error in that scale."""

    @classmethod
    def learn(cls, examples: Examples) -> Self:
        """The scale of each column."""
        columns, single = _columns(examples)
        return cls(Scaler.learn(columns), single)

    def encode(
        self, examples: Examples, lengths: Any = None, seconds_per_step: float | None = None
    ) -> NDArray[np.float32]:
        """(n, K) in scaled units."""
        columns, _ = _columns(examples)
        if columns.shape[1] != self.outputs:
            raise InputError(
                f"targets have {columns.shape[1]} numbers each; the model was trained with {self.outputs}"
            )
        scaled = (columns - self.scaler.mean) / self.scaler.scale
        if far := np.flatnonzero((np.abs(scaled) > _FARTHEST).any(1)).tolist():
            told = named(f"{examples.place(row)}: {columns[row].tolist()}" for row in far)
            raise InputError(f"targets that are too far from those of training to be compared with: {told}")
        return scaled.astype(np.float32)

    def loss(self, network: nn.Module, outputs: Tensor, targets: Tensor, lengths: Tensor) -> Tensor:
        """Mean squared error in scaled units."""
        return mse_loss(outputs, targets)

    def figures(self, outputs: Any, targets: Encoded) -> Figures:
        """Loss (scaled units); mean absolute and root mean squared error in the targets' units, averaged over
        columns; R², the share of the variance of these very targets that is explained.
        """  # noqa: D205
        errors = np.asarray(outputs, np.float64) - np.asarray(targets, np.float64)
        spread = np.asarray(targets, np.float64) - np.mean(np.asarray(targets), axis=0)
        squares, variance = np.square(errors).mean(0), np.square(spread).mean(0)
        unexplained = np.divide(squares, variance, out=np.ones_like(squares), where=variance > 0)
        return {
            "loss": float(np.square(errors).mean()),
            "mae": float((np.abs(errors) * self.scaler.scale).mean()),
            "rmse": float(np.mean(np.sqrt(squares) * self.scaler.scale)),
            "r2": float(1 - unexplained.mean()),
        }


def _columns(examples: Examples) -> tuple[NDArray[np.float64], bool]:
    """The targets as (n, K), and whether each is a single number."""
    targets = given(examples)
    try:
        columns = np.array(targets, np.float64)
    except (OverflowError, TypeError, ValueError):
        bad = [row for row, target in enumerate(targets) if not _is_number(target)]
        told = named(f"{examples.place(row)}: {targets[row]!r}" for row in bad)
        raise InputError(f"targets must be numbers, equally many for each sequence: {told}") from None
    if columns.ndim not in (1, 2) or 0 in columns.shape:
        raise InputError(f"targets must be (n,) or (n, K), not {columns.shape}")
    single = columns.ndim == 1
    columns = columns.reshape(len(columns), -1)
    bad = np.flatnonzero(~(np.abs(columns) <= Scaler.largest).all(1)).tolist()
    if bad:
        told = named(f"{examples.place(row)}: {targets[row]!s}" for row in bad)
        raise InputError(
            f"targets that are missing or infinite cannot be learned from: {told}; leave them out"
        )
    return columns, single


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (OverflowError, TypeError, ValueError):
        return False
    return True
