"""What a stream needs to know of a model: how it begins, and what a step does."""

from collections.abc import Sequence
from typing import Any, Protocol

from numpy.typing import NDArray

State = tuple[NDArray[Any], ...]
"""Arrays whose last axis but one is the session: (…, n, width)."""


class Stepper(Protocol):
    """A model, one step at a time, for any number of sessions side by side."""

    def begin(self, sessions: int) -> State:
        """The state in which so many sessions begin."""

    def step(self, inputs: Sequence[Any] | NDArray[Any], state: State) -> tuple[list[Any], State]:
        """Let each session read on.

        Args:
            inputs: one for each session.
            state: of as many sessions; it is not changed.

        Returns:
            One output for each, and the new state. Each row has the bits it has alone.

        Raises:
            InputError: an input is none of this model's; the message says what one is.
        """

    def reads(self) -> str:
        """What an input is, for messages."""

    def told(self, output: Any) -> dict[str, Any]:
        """An output as JSON can say it."""
