"""What a generator writes: sequences that end by themselves."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ostinato._errors import InputError
from ostinato.data import Examples, Ragged, named
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


class Drawing(Protocol):
    """How the steps of sequences that are written side by side are chosen."""

    def __call__(self, outputs: Tensor, first: bool) -> tuple[Tensor, Tensor]:
        """Choose a step of each sequence.

        Args:
            outputs: (B, K) the network's, all finite.
            first: whether it is the sequences' first step, which cannot be their end.

        Returns:
            (B, …) what was chosen, to be read as the next input; (B,) which sequences end instead.
        """

    def keep(self, rows: Tensor) -> None:
        """Go on with these rows, (B',), only."""


class GeneratorTargets(ABC):
    """Turns sequences into what a network reads and is compared with; learned on training targets only.

    Attributes:
        kind: "text" or "numbers".
        longest: steps of the longest sequence in training, its end not counted.
    """

    kind: ClassVar[str]
    longest: int

    @classmethod
    @abstractmethod
    def learn(cls, examples: Examples, parameters: Mapping[str, Any]) -> Self:
        """What is to be known of training targets; `InputError` names the place of a bad one."""

    @abstractmethod
    def inputs(self, parameters: Mapping[str, Any]) -> TokenInput | VectorInput:
        """What the network reads at each step."""

    @property
    @abstractmethod
    def outputs(self) -> int:
        """K, how many numbers the network gives at each step."""

    @property
    @abstractmethod
    def begin(self) -> NDArray[Any]:
        """The step that is read before the first one."""

    @abstractmethod
    def encode(self, examples: Examples) -> Encoded:
        """Targets as numbers; `InputError` names the place of a bad one."""

    @abstractmethod
    def nats(self, outputs: Tensor, steps: Tensor) -> Tensor:
        """(T, B) −log p of steps (T, B, …), given outputs (T, B, K)."""

    @abstractmethod
    def figures(self, nats: NDArray[np.float64], encoded: Encoded) -> Figures:
        """Figures of sequences of −log p (n,); `loss`, nats per step, among them."""

    @abstractmethod
    def drawing(self, rows: int, options: Mapping[str, Any], generator: torch.Generator) -> Drawing:
        """How to write so many sequences; `ParameterError` for an option that these do not have."""

    @abstractmethod
    def decode(self, steps: NDArray[Any]) -> Any:
        """A sequence of steps (T, …), without its end, as a user reads it."""

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """All there is to know, JSON-able."""

    @classmethod
    @abstractmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """What `to_json` described; `InputError` for anything else."""

    def batch(self, encoded: Encoded, rows: NDArray[np.int64]) -> tuple[Tensor, Tensor, Tensor]:
        """What the network reads (T, B, …), what is to come after each of it (T, B, …), and lengths (B,)."""
        steps, lengths = encoded.steps.padded(rows)
        begin = np.broadcast_to(self.begin.astype(steps.dtype), steps[:1].shape)
        x = np.concatenate([begin, steps[:-1]])
        return self.read(torch.from_numpy(x), 0), torch.from_numpy(steps), torch.from_numpy(lengths)

    def read(self, steps: Tensor, start: int) -> Tensor:
        """What the network reads of steps (T, B, …), the first of which is number `start` of its sequence."""
        return steps


def refuse_empty(examples: Examples, lengths: Iterable[int]) -> None:
    """Raise `InputError` for targets without a step."""
    if empty := [row for row, length in enumerate(lengths) if length == 0]:
        raise InputError(
            f"targets of length 0: {named(map(examples.place, empty))}; leave them out, there is nothing "
            f"in them to learn"
        )


def longest_from_json(value: Mapping[str, Any]) -> int:
    """The length of a longest sequence; `InputError` where there is none."""
    longest = value.get("longest")
    if not isinstance(longest, int) or isinstance(longest, bool) or not 1 <= longest < 1 << 29:
        raise InputError("targets must say how long the longest one was; save them anew")
    return longest
