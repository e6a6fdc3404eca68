"""Checks of a task's parameters, in one place for Python, the command line and loaded configurations."""

import math
import reprlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from ostinato._errors import ParameterError


@dataclass(frozen=True)
class Choice:
    """One of these words; `otherwise` says what to do who wants another."""

    words: Sequence[str]
    otherwise: str = ""

    def check(self, name: str, value: Any) -> str:
        """The word; `ParameterError` for anything else."""
        if not isinstance(value, str) or value not in self.words:
            raise ParameterError(
                name, f"is {_shown(value)}: it must be one of {', '.join(self.words)}{self.otherwise}"
            )
        return str(value)


@dataclass(frozen=True)
class Whole:
    """A whole number from `low` to `high`, or None where `optional`."""

    low: int
    high: int
    optional: bool = False

    def check(self, name: str, value: Any) -> int | None:
        """The number as an `int`; `ParameterError` for anything else."""
        if value is None and self.optional:
            return None
        try:
            number = value.__index__()
        except (AttributeError, TypeError):
            number = None
        if number is None or isinstance(value, bool):
            raise ParameterError(name, f"is {_shown(value)}: it must be a whole number")
        if not self.low <= number <= self.high:
            raise ParameterError(name, f"is {_shown(number)}: it must be from {self.low:,} to {self.high:,}")
        return int(number)


@dataclass(frozen=True)
class Real:
    """A number from `low` (itself included only where `closed`) to `high`, or None where `optional`."""

    low: float
    high: float
    closed: bool = True
    optional: bool = False

    def check(self, name: str, value: Any) -> float | None:
        """The number as a `float`; `ParameterError` for anything else."""
        if value is None and self.optional:
            return None
        if isinstance(value, (bool, str)) or not hasattr(value, "__float__"):
            raise ParameterError(name, f"is {_shown(value)}: it must be a number")
        try:
            number = float(value)
        except (OverflowError, TypeError, ValueError):  # a huge int; an array of several numbers
            number = math.nan
        if not self.low <= number <= self.high or (number == self.low and not self.closed):
            least = "from" if self.closed else "above"
            raise ParameterError(
                name, f"is {_shown(value)}: it must be {least} {self.low:g} and at most {self.high:g}"
            )
        return number


@dataclass(frozen=True)
class Truth:
    """True or false, or None where `optional`."""

    optional: bool = False

    def check(self, name: str, value: Any) -> bool | None:
        """The truth as a `bool`; `ParameterError` for anything else."""
        if value is None and self.optional:
            return None
        if not isinstance(value, (bool, np.bool_)):
            raise ParameterError(name, f"is {_shown(value)}: it must be True or False")
        return bool(value)


@dataclass(frozen=True)
class Text:
    """A string."""

    def check(self, name: str, value: Any) -> str:
        """The string; `ParameterError` for anything else."""
        if not isinstance(value, str):
            raise ParameterError(name, f"is {_shown(value)}: it must be a string")
        return str(value)


class Check(Protocol):
    """What a parameter may be."""

    def check(self, name: str, value: Any) -> Any:
        """The value as JSON can hold it; `ParameterError` for one that will not do."""


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
    "learning_rate": Real(0.0, 10.0, closed=False, optional=True),
    "weight_decay": Real(0.0, 10.0),
    "clip_norm": Real(0.0, 1e6, closed=False),
    "patience": Whole(1, 1_000_000),
    "seed": Whole(0, (1 << 63) - 1),
    "threads": Whole(1, 1024, optional=True),
}

TIME_LIMIT = Real(0.0, 1e9, closed=False, optional=True)  # seconds


def check_parameters(parameters: Mapping[str, Any], checks: Mapping[str, Check]) -> dict[str, Any]:
    """Check every parameter that has a check.

    Returns:
        All parameters, in their order; the checked ones as plain Python values that JSON can hold.

    Raises:
        ParameterError: the first one that is wrong, with its value and what it may be.
    """
    plain = {name: check.check(name, parameters[name]) for name, check in checks.items()}
    return {name: plain.get(name, value) for name, value in parameters.items()}


def _shown(value: Any) -> str:
    """The value on one line of bearable length; a number as it is written, a text in quotes."""
    if isinstance(value, int) and abs(value) >= 10**40:
        return f"about {'-' * (value < 0)}2^{value.bit_length()}"
    if isinstance(value, (int, float)):
        return f"{value}"
    return reprlib.repr(value).replace("\n", " ")
