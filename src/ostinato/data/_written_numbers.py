"""Numeric sequences that a generator writes: vectors, and at each step whether the sequence ends there."""

import math
from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError, ParameterError
from ostinato.data._scaler import Scaler
from ostinato.data._written import Drawing, Written, longest_from_json

# Of training's standard deviation: what no prediction is surer than, so that constant data have a likelihood.
SMALLEST_DEVIATION = 0.01

HANDS = 8  # cosines of the clock
CLOCK_SIZE = 0.3  # of each: enough to tell the time, too little to drown the numbers


class WrittenNumbers(Written):
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

    @property
    def features(self) -> int:
        """What is read at each step: D numbers, the flag and the clock."""
        return self.scaler.columns + 1 + HANDS

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

    def scaled(self, array: NDArray[Any]) -> NDArray[np.float32]:
        """Values (T, D) as steps (T, D + 1)."""
        scaled = ((array - self.scaler.mean) / self.scaler.scale).astype(np.float32)
        return np.pad(scaled, ((0, 0), (0, 1)))

    def read(self, steps: NDArray[Any], start: Any) -> NDArray[np.float32]:
        """The steps and a clock, which stands still from the length of the longest sequence on.

        Without it a network has to learn to count before it knows when to end.
        """
        T, B = steps.shape[:2]
        time = np.minimum((np.arange(T)[:, None] + np.broadcast_to(start, B)) / self.longest, 1.0)
        hands = CLOCK_SIZE * np.cos(math.pi * time[..., None] * np.arange(1, HANDS + 1))
        return np.concatenate([steps, hands.astype(np.float32)], -1)

    def distribution(
        self, outputs: NDArray[Any]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Means (…, D), standard deviations (…, D) and logits of the end (…,) of outputs (…, K)."""
        D, outputs = self.scaler.columns, outputs.astype(np.float64)
        deviation = SMALLEST_DEVIATION + np.logaddexp(0.0, outputs[..., D : 2 * D])
        return outputs[..., :D], deviation, outputs[..., -1]

    def drawing(self, rows: int, options: Mapping[str, Any], generator: np.random.Generator) -> Drawing:
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


class _NumberDrawing:
    """Numbers from Gaussians; and a length, from the probabilities of the end.

    A sequence ends when its probability of having come so far falls below a number that was drawn for it at
    the beginning: so each length comes as often as it should. At temperature 0 the numbers are the means, and
    that number is 1/2: the length is the median.
    """

    def __init__(
        self, numbers: WrittenNumbers, rows: int, temperature: float, generator: np.random.Generator
    ) -> None:
        self.numbers, self.temperature, self.generator = numbers, temperature, generator
        self.least = generator.random(rows) if temperature else np.full(rows, 0.5)
        self.log_survival = np.zeros(rows)

    def __call__(self, outputs: NDArray[Any], first: bool) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        mean, deviation, ends = self.numbers.distribution(outputs)
        if not first:
            self.log_survival = self.log_survival - np.logaddexp(0.0, ends)  # log(1 - σ(ends))
        noise = self.generator.standard_normal(mean.shape)
        values = (mean + self.temperature * deviation * noise).astype(np.float32)
        return np.pad(values, ((0, 0), (0, 1))), np.exp(self.log_survival) < self.least

    def keep(self, rows: NDArray[np.int64]) -> None:
        self.least, self.log_survival = self.least[rows], self.log_survival[rows]
