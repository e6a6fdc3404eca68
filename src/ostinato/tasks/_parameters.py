"""Checks of a task's parameters, in one place for Python, the command line and loaded configurations."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ostinato._errors import InputError


@dataclass(frozen=True)
class Choice:
    """One of these words."""

    words: Sequence[str]

    def check(self, name: str, value: Any) -> None:
        """Raise `InputError` for anything else."""
        if not isinstance(value, str) or value not in self.words:
            raise InputError(f"{name} is {value!r}: it must be one of {', '.join(self.words)}")


@dataclass(frozen=True)
class Whole:
    """A whole number from `low` to `high`, or None where `optional`."""

    low: int
    high: int
    optional: bool = False

    def check(self, name: str, value: Any) -> None:
        """Raise `InputError` for anything else."""
        if value is None and self.optional:
            return
        if isinstance(value, bool) or not hasattr(value, "__index__"):
            raise InputError(f"{name} is {value!r}: it must be a whole number")
        if not self.low <= value.__index__() <= self.high:
            raise InputError(f"{name} is {value}: it must be from {self.low:,} to {self.high:,}")


@dataclass(frozen=True)
class Real:
    """A number from `low` (itself included only where `closed`) to `high`."""

    low: float
    high: float
    closed: bool = True

    def check(self, name: str, value: Any) -> None:
        """Raise `InputError` for anything else."""
        if isinstance(value, bool) or not hasattr(value, "__float__") or isinstance(value, str):
            raise InputError(f"{name} is {value!r}: it must be a number")
        number = float(value)
        if (
            math.isnan(number)
            or not self.low <= number <= self.high
            or (number == self.low and not self.closed)
        ):
            least = "from" if self.closed else "above"
            raise InputError(f"{name} is {value}: it must be {least} {self.low:g} and at most {self.high:g}")


Check = Choice | Whole | Real

# What every task has in common.
NETWORK: dict[str, Check] = {
    "cell": Choice(["rnn", "lstm", "gru"]),
    "hidden_size": Whole(1, 1 << 15),
    "num_layers": Whole(1, 64),
    "dropout": Real(0.0, 0.95),
}
TRAINING: dict[str, Check] = {
    "epochs": Whole(1, 1_000_000),
    "batch_size": Whole(1, 1 << 20),
    "learning_rate": Real(0.0, 10.0, closed=False),
    "weight_decay": Real(0.0, 10.0),
    "clip_norm": Real(0.0, 1e6, closed=False),
    "patience": Whole(1, 1_000_000),
    "seed": Whole(0, (1 << 63) - 1),
    "threads": Whole(1, 4096, optional=True),
}


def check_parameters(parameters: Mapping[str, Any], checks: Mapping[str, Check]) -> None:
    """Check every parameter that has a check.

    Raises:
        InputError: the first one that is wrong, with its value and what it may be.
    """
    for name, check in checks.items():
        check.check(name, parameters[name])
