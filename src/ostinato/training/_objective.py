"""What a task hands to the loop."""

from typing import NamedTuple, Protocol

from torch import Tensor, nn

State = tuple[
    Tensor, ...
]  # what a layer carries from window to window: (h,), (h, c), or () for a fresh start
Figures = dict[str, float]


class StepLoss(NamedTuple):
    """One step's mean loss (a scalar with a gradient), how many tokens it is over, the state to carry on."""

    loss: Tensor
    tokens: int
    state: State


class Objective(Protocol):
    """A module and the loss it is trained on, addressed by (epoch, index).

    `loss` and `evaluate` are functions of the weights, their arguments and torch's random numbers only: that
    is what makes a resumed run the same run.
    """

    @property
    def module(self) -> nn.Module:
        """What is trained."""

    @property
    def steps_per_epoch(self) -> int:
        """Steps in an epoch."""

    def loss(self, epoch: int, index: int, state: State) -> StepLoss:
        """The loss of step `index` of an epoch; `state` is the step before's, () at an epoch's start."""

    def evaluate(self) -> Figures:
        """Figures on the validation data, `loss` among them, the lower the better; {} where there is none."""
