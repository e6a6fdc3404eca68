"""Who hears of a run's progress."""

from typing import Protocol

from ostinato.training._history import Record


class Reporter(Protocol):
    """Told of every step and every evaluation; changes nothing."""

    def begin(self, step: int, total: int, steps_per_epoch: int) -> None:
        """The run starts, or goes on, after `step` of `total` steps."""

    def stepped(self, tokens: int, loss: float) -> None:
        """A step over so many tokens is done."""

    def evaluated(self, record: Record) -> None:
        """The validation data was evaluated; the record is a line of the history."""

    def end(self) -> None:
        """The run is over, or was broken off."""


class Silent:
    """The reporter of someone who does not want to hear."""

    def begin(self, step: int, total: int, steps_per_epoch: int) -> None:
        """Nothing."""

    def stepped(self, tokens: int, loss: float) -> None:
        """Nothing."""

    def evaluated(self, record: Record) -> None:
        """Nothing."""

    def end(self) -> None:
        """Nothing."""
