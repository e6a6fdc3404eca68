"""What a network's outputs mean: the counterpart of an input encoder."""

from abc import abstractmethod
from typing import Any, Self

from numpy.typing import NDArray
from torch import Tensor, nn

from ostinato._errors import InputError
from ostinato.data import Answers, Examples, Ragged
from ostinato.training import Figures

Encoded = NDArray[Any] | Ragged


class SequenceTargets(Answers):
    """Turns targets into what a network is compared with; learned on training targets only."""

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


def given(examples: Examples) -> list[Any]:
    """The targets; `InputError` where there are none."""
    if examples.targets is None:
        raise InputError("this requires y to be passed, but the target y is None: give one for each sequence")
    return list(examples.targets)
