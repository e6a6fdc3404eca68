"""Numeric sequences that a generator writes: vectors, and at each step whether the sequence ends there."""

import math
from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, logsigmoid, pad, softplus

from ostinato._errors import InputError, ParameterError
from ostinato.data import Examples, Ragged, Scaler, as_vectors
from ostinato.nn import VectorInput
from ostinato.tasks._generator_targets import (
    Drawing,
    Encoded,
    GeneratorTargets,
    longest_from_json,
    refuse_empty,
)
from ostinato.training import Figures

# Of training's standard deviation: what no prediction is surer than, so that constant data have a likelihood.
SMALLEST_DEVIATION = 0.01

_HANDS = 8  # cosines of the clock
_CLOCK_SIZE = 0.3  # of each: enough to tell the time, too little to drown the numbers


class NumberTargets(GeneratorTargets):
    """Sequences (T, D) in scaled units. A step is D numbers and a flag: 1 at the end, whose numbers are 0.

    The end's step is the beginning's too: it is read before the first one. The network gives D means, D
    numbers whose softplus are standard deviations, and a logit of the end.

    Args:
        scaler: of the columns.
        flat: whether sequences are (T,) to the user.
        longest: steps of the longest one in training.
    """

    kind = "numbers"

    def __init__(self, scaler: Scaler, flat: bool, longest: int) -> None:
        self.scaler = scaler
        self.flat = flat
        self.longest = longest

    @classmethod
    def learn(cls, examples: Examples, parameters: Mapping[str, Any]) -> Self:
        """The scale of each column."""
        arrays = _arrays(examples)
        flat = all(np.ndim(target) == 1 for target in examples.targets or [])
        return cls(Scaler.learn(np.concatenate(arrays)), flat, max(map(len, arrays)))

    def inputs(self, parameters: Mapping[str, Any]) -> VectorInput:
        """D numbers, the flag and the clock."""
        return VectorInput(self.scaler.columns + 1 + _HANDS)

    @property
    def outputs(self) -> int:
        """2 D + 1."""
        return 2 * self.scaler.columns + 1

    @property
    def begin(self) -> NDArray[np.float32]:
        """(D + 1,) zeros and the flag."""
        step = np.zeros(self.scaler.columns + 1, np.float32)
        step[-1] = 1
        return step

    def encode(self, examples: Examples) -> Encoded:
        """(T + 1, D + 1) float32 in scaled units."""
        arrays = _arrays(examples)
        if arrays[0].shape[1] != self.scaler.columns:
            raise InputError(
                f"the targets have {arrays[0].shape[1]} columns and those of training had "
                f"{self.scaler.columns}: give as many"
            )
        steps = [np.concatenate([self._scaled(array), self.begin[None]]) for array in arrays]
        return Encoded(Ragged.of(steps), np.array([len(step) for step in steps]))

    def read(self, steps: Tensor, start: int) -> Tensor:
        """The steps and a clock, which stands still from the length of the longest sequence on.

        Without it a network has to learn to count before it knows when to end.
        """
        time = (torch.arange(start, start + len(steps)) / self.longest).clamp(max=1.0)
        hands = _CLOCK_SIZE * torch.cos(math.pi * time[:, None] * torch.arange(1, _HANDS + 1))
        return torch.cat([steps, hands[:, None].expand(-1, steps.shape[1], _HANDS)], -1)

    def nats(self, outputs: Tensor, steps: Tensor) -> Tensor:
        """Of independent Gaussians, their numbers in scaled units, and of whether the sequence ends."""
        mean, deviation, ends = self.distribution(outputs)
        values, end = steps[..., :-1], steps[..., -1]
        gaussian = (
            0.5 * ((values - mean) / deviation).square() + deviation.log() + 0.5 * math.log(2 * math.pi)
        )
        stop = binary_cross_entropy_with_logits(ends, end, reduction="none")
        return stop + (1 - end) * gaussian.sum(-1)

    def figures(self, nats: NDArray[np.float64], encoded: Encoded) -> Figures:
        """Nats per step."""
        return {"loss": float(nats.sum() / encoded.sizes.sum())}

    def drawing(self, rows: int, options: Mapping[str, Any], generator: torch.Generator) -> Drawing:
        """Numbers from the Gaussians."""
        for name in ("top_k", "top_p"):
            if options[name] is not None:
                raise ParameterError(
                    name, "chooses among tokens: it cannot be given where numbers are written"
                )
        return _NumberDrawing(self, rows, options["temperature"], generator)

    def decode(self, steps: NDArray[Any]) -> NDArray[np.float64]:
        """(T, D), or (T,), in the targets' own units."""
        values = self.scaler.restore(steps[:, :-1])
        return values[:, 0] if self.flat else values

    def to_json(self) -> dict[str, Any]:
        """The scaler, the shape and the length of the longest sequence."""
        return {
            "kind": self.kind,
            "scaler": self.scaler.to_json(),
            "flat": self.flat,
            "longest": self.longest,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """What `to_json` described."""
        scaler, flat = Scaler.from_json(value.get("scaler")), value.get("flat")
        if not isinstance(flat, bool) or (flat and scaler.columns != 1):
            raise InputError("numeric targets must say whether they are flat; save them anew")
        return cls(scaler, flat, longest_from_json(value))

    def distribution(self, outputs: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Means (…, D), standard deviations (…, D) and logits of the end (…,) of outputs (…, K)."""
        D = self.scaler.columns
        deviation = SMALLEST_DEVIATION + softplus(outputs[..., D : 2 * D])
        return outputs[..., :D], deviation, outputs[..., -1]

    def _scaled(self, array: NDArray[np.float32]) -> NDArray[np.float32]:
        scaled = ((array - self.scaler.mean) / self.scaler.scale).astype(np.float32)
        return np.pad(scaled, ((0, 0), (0, 1)))


class _NumberDrawing:
    """Numbers from Gaussians; and a length, from the probabilities of the end.

    A sequence ends when its probability of having come so far falls below a number that was drawn for it at
    the beginning: so each length comes as often as it should. At temperature 0 the numbers are the means, and
    that number is 1/2: the length is the median.
    """

    def __init__(
        self, targets: NumberTargets, rows: int, temperature: float, generator: torch.Generator
    ) -> None:
        self.targets, self.temperature, self.generator = targets, temperature, generator
        self.least = torch.rand(rows, generator=generator) if temperature else torch.full((rows,), 0.5)
        self.log_survival = torch.zeros(rows)

    def __call__(self, outputs: Tensor, first: bool) -> tuple[Tensor, Tensor]:
        mean, deviation, ends = self.targets.distribution(outputs)
        if not first:
            self.log_survival = self.log_survival + logsigmoid(-ends)
        noise = torch.randn(mean.shape, generator=self.generator)
        values = mean + self.temperature * deviation * noise
        return pad(values, (0, 1)), self.log_survival.exp() < self.least

    def keep(self, rows: Tensor) -> None:
        self.least, self.log_survival = self.least[rows], self.log_survival[rows]


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
