"""What a peer is: one way to compute a row, from the same numbers as everybody."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from _rows import Problem, Row

Arrays = dict[str, NDArray[np.float32]]


class MismatchError(Exception):
    """What a peer computed is not what was to be timed."""


class Peer(ABC):
    """One implementation, made for one problem."""

    name: ClassVar[str]

    def __init__(self, problem: Problem) -> None:
        self.problem = problem

    @classmethod
    @abstractmethod
    def takes(cls, row: Row) -> bool:
        """Whether it computes this row."""

    @abstractmethod
    def __call__(self, call: int) -> Any:
        """What is timed. `call` chooses the lengths, where they change."""

    @abstractmethod
    def arrays(self, result: Any) -> Arrays:
        """What the first call gave, by name: outputs and, in training, gradients, shaped as torch's.

        Raises:
            MismatchError: It was not computed the way it should be.
        """
