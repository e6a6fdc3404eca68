"""What a network's outputs mean: the counterpart of an input encoder."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Self

from numpy.typing import NDArray
from torch import Tensor, nn

from ostinato._errors import InputError
from ostinato.data import Examples, Ragged
from ostinato.training import Figures

Encoded = NDArray[Any] | Ragged


class SequenceTargets(ABC):
    """Turns targets into what a network is compared with; learned on training targets only.

    Attributes:
        kind: "classes", "numbers" or "tags".
        outputs: how many numbers the network gives: for each sequence or, for tags, each step.
    """

    kind: ClassVar[str]

    @property
    @abstractmethod
    def outputs(self) -> int:
        """Of the network's last layer."""

    @classmethod
    @abstractmethod
    def learn(cls, examples: Examples) -> Self:
        """What is to be known of training targets.

        Raises:
            InputError: a target is missing or of the wrong type; the message names its place.
        """

    @abstractmethod
    def encode(
        self, examples: Examples, lengths: NDArray[Any], seconds_per_step: float | None = None
    ) -> Encoded:
        """(n, …) or, where there is a target at each step, `Ragged`: the targets as numbers.

        Args:
            examples: with targets.
            lengths: (n,) steps of each.
            seconds_per_step: of recordings, for targets with times.

        Raises:
            InputError: as `learn`; or a label that training never saw.
        """

    @abstractmethod
    def loss(self, network: nn.Module, outputs: Tensor, targets: Tensor, lengths: Tensor) -> Tensor:
        """The mean loss of a batch, a scalar with a gradient."""

    @abstractmethod
    def figures(self, outputs: Any, targets: Encoded) -> Figures:
        """Figures of outputs of many examples, as `outputs_of` gives them; `loss` among them."""

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """All there is to know, JSON-able."""

    @classmethod
    @abstractmethod
    def from_json(cls, value: Any) -> Self:
        """What `to_json` described; `InputError` for anything else."""


def given(examples: Examples) -> list[Any]:
    """The targets; `InputError` where there are none."""
    if examples.targets is None:
        raise InputError("this requires y to be passed, but the target y is None: give one for each sequence")
    return list(examples.targets)
