"""What a generator writes: sequences that end by themselves."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError


class Drawing(Protocol):
    """How the steps of sequences that are written side by side are chosen."""

    def __call__(self, outputs: NDArray[Any], first: bool) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """Choose a step of each sequence.

        Args:
            outputs: (B, K) the network's, all finite.
            first: whether it is the sequences' first step, which cannot be their end.

        Returns:
            (B, …) what was chosen, to be read as the next input; (B,) which sequences end instead.
        """

    def keep(self, rows: NDArray[np.int64]) -> None:
        """Go on with these rows, (B',), only."""


class Written(ABC):
    """What a generator's outputs mean, and what it reads of what it has written.

    Attributes:
        kind: "text" or "numbers".
        longest: steps of the longest sequence in training, its end not counted.
    """

    kind: ClassVar[str]
    longest: int

    @property
    @abstractmethod
    def outputs(self) -> int:
        """K, how many numbers the network gives at each step."""

    @property
    @abstractmethod
    def begin(self) -> NDArray[Any]:
        """The step that is read before the first one."""

    @abstractmethod
    def drawing(self, rows: int, options: Mapping[str, Any], generator: np.random.Generator) -> Drawing:
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

    def read(self, steps: NDArray[Any], start: Any) -> NDArray[Any]:
        """What the network reads of steps (T, B, …).

        Args:
            steps: of each row the next ones.
            start: the number of the first of them in its sequence, of all rows or (B,) of each.
        """
        return steps


def longest_from_json(value: Mapping[str, Any]) -> int:
    """The length of a longest sequence; `InputError` where there is none."""
    longest = value.get("longest")
    if not isinstance(longest, int) or isinstance(longest, bool) or not 1 <= longest < 1 << 29:
        raise InputError("targets must say how long the longest one was; save them anew")
    return longest
