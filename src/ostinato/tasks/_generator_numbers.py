"""Numeric sequences that a generator is trained to write."""

import math
from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, softplus

from ostinato._errors import InputError
from ostinato.data import SMALLEST_DEVIATION, Examples, Ragged, Scaler, WrittenNumbers, as_vectors
from ostinato.nn import VectorInput
from ostinato.tasks._generator_targets import Encoded, GeneratorTargets, refuse_empty
from ostinato.training import Figures


class NumberTargets(WrittenNumbers, GeneratorTargets):
    """Sequences as `WrittenNumbers` has them."""

    @classmethod
    def learn(cls, examples: Examples, parameters: Mapping[str, Any]) -> Self:
        """The scale of each column."""
        arrays = _arrays(examples)
        flat = all(np.ndim(target) == 1 for target in examples.targets or [])
        return cls(Scaler.learn(np.concatenate(arrays)), flat, max(map(len, arrays)))

    def inputs(self, parameters: Mapping[str, Any]) -> VectorInput:
        """D numbers, the flag and the clock."""
        return VectorInput(self.features)

    def encode(self, examples: Examples) -> Encoded:
        """(T + 1, D + 1) float32 in scaled units."""
        arrays = _arrays(examples)
        if arrays[0].shape[1] != self.scaler.columns:
            raise InputError(
                f"the targets have {arrays[0].shape[1]} columns and those of training had "
                f"{self.scaler.columns}: give as many"
            )
        steps = [np.concatenate([self.scaled(array), self.begin[None]]) for array in arrays]
        return Encoded(Ragged.of(steps), np.array([len(step) for step in steps]))

    def nats(self, outputs: Tensor, steps: Tensor) -> Tensor:
        """Of independent Gaussians, their numbers in scaled units, and of whether the sequence ends."""
        mean, deviation, ends = _distribution(outputs, self.scaler.columns)
        values, end = steps[..., :-1], steps[..., -1]
        gaussian = (
            0.5 * ((values - mean) / deviation).square() + deviation.log() + 0.5 * math.log(2 * math.pi)
        )
        stop = binary_cross_entropy_with_logits(ends, end, reduction="none")
        return stop + (1 - end) * gaussian.sum(-1)

    def figures(self, nats: NDArray[np.float64], encoded: Encoded) -> Figures:
        """Nats per step."""
        return {"loss": float(nats.sum() / encoded.sizes.sum())}


def _distribution(outputs: Tensor, D: int) -> tuple[Tensor, Tensor, Tensor]:
    """`WrittenNumbers.distribution`, with gradients."""
    deviation = SMALLEST_DEVIATION + softplus(outputs[..., D : 2 * D])
    return outputs[..., :D], deviation, outputs[..., -1]


def _arrays(examples: Examples) -> list[NDArray[np.float32]]:
    """The targets as (T, D), all of one D."""
    arrays: list[NDArray[np.float32]] = []
    for row, target in enumerate(examples.targets or []):
        place = f"the target of {examples.place(row)}"
        array = as_vectors(target, place)
        if arrays and array.shape[1] != arrays[0].shape[1]:
            raise InputError(
                f"{place} has {array.shape[1]} columns and the first one {arrays[0].shape[1]}: "
                f"all must have the same"
            )
        if np.isnan(array).any():
            step = int(np.argwhere(np.isnan(array))[0, 0])
            raise InputError(
                f"{place} has no value at step {step + 1}: fill the gap or leave the sequence out"
            )
        arrays.append(array)
    refuse_empty(examples, map(len, arrays))
    return arrays
