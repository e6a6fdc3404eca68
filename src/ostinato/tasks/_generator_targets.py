"""What a generator is trained to write."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ostinato._errors import InputError
from ostinato.data import Examples, Ragged, Written, named
from ostinato.nn import TokenInput, VectorInput
from ostinato.training import Figures


@dataclass(frozen=True)
class Encoded:
    """Targets as numbers.

    Attributes:
        steps: of each sequence T + 1, the last one its end.
        sizes: (n,) what figures are per: of texts characters, otherwise steps; the end counts as one.
    """

    steps: Ragged
    sizes: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.steps)

    def first(self, count: int) -> "Encoded":
        """The first `count` of them."""
        rows = range(min(count, len(self)))
        return Encoded(self.steps.take(rows), self.sizes[: len(rows)])


class GeneratorTargets(Written):
    """Turns sequences into what a network reads and is compared with; learned on training targets only."""

    @classmethod
    @abstractmethod
    def learn(cls, examples: Examples, parameters: Mapping[str, Any]) -> Self:
        """What is to be known of training targets; `InputError` names the place of a bad one."""

    @abstractmethod
    def inputs(self, parameters: Mapping[str, Any]) -> TokenInput | VectorInput:
        """What the network reads at each step."""

    @abstractmethod
    def encode(self, examples: Examples) -> Encoded:
        """Targets as numbers; `InputError` names the place of a bad one."""

    @abstractmethod
    def nats(self, outputs: Tensor, steps: Tensor) -> Tensor:
        """(T, B) −log p of steps (T, B, …), given outputs (T, B, K)."""

    @abstractmethod
    def figures(self, nats: NDArray[np.float64], encoded: Encoded) -> Figures:
        """Figures of sequences of −log p (n,); `loss`, nats per step, among them."""

    def batch(self, encoded: Encoded, rows: NDArray[np.int64]) -> tuple[Tensor, Tensor, Tensor]:
        """What the network reads (T, B, …), what is to come after each of it (T, B, …), and lengths (B,)."""
        steps, lengths = encoded.steps.padded(rows)
        begin = np.broadcast_to(self.begin.astype(steps.dtype), steps[:1].shape)
        x = self.read(np.concatenate([begin, steps[:-1]]), 0)
        return torch.from_numpy(x), torch.from_numpy(steps), torch.from_numpy(lengths)


def refuse_empty(examples: Examples, lengths: Iterable[int]) -> None:
    """Raise `InputError` for targets without a step."""
    if empty := [row for row, length in enumerate(lengths) if length == 0]:
        raise InputError(
            f"targets of length 0: {named(map(examples.place, empty))}; leave them out, there is nothing "
            f"in them to learn"
        )
