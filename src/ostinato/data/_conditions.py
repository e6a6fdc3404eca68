"""What a generator is asked for: a class or word, a number, or a vector."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from numbers import Number
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError
from ostinato.data._examples import Examples, named
from ostinato.data._labels import Labels
from ostinato.data._scaler import Scaler


class Conditions(ABC):
    """Turns what is asked for into what a network is given; learned on training examples only.

    Attributes:
        kind: "strings" or "numbers".
        takes: the kind of `Examples` that hold such conditions.
    """

    kind: ClassVar[str]
    takes: ClassVar[str]

    @classmethod
    @abstractmethod
    def learn(cls, examples: Examples) -> Self:
        """What is to be known of training conditions."""

    @property
    @abstractmethod
    def size(self) -> int:
        """How many classes there are, or how many numbers the network is given."""

    @abstractmethod
    def encode(self, examples: Examples) -> NDArray[Any]:
        """(n,) int64 or (n, D) float32; `InputError` for conditions unlike those of training."""

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """All there is to know, JSON-able."""

    @classmethod
    @abstractmethod
    def from_json(cls, value: Any) -> Self:
        """What `to_json` described; `InputError` for anything else."""


class ClassConditions(Conditions):
    """Whole strings: each that occurs in training is a class of its own."""

    kind = "strings"
    takes = "text"

    def __init__(self, labels: Labels) -> None:
        self.labels = labels

    @classmethod
    def learn(cls, examples: Examples) -> Self:
        """The strings that occur."""
        return cls(Labels.learn(examples.inputs))

    @property
    def size(self) -> int:
        """How many strings there are."""
        return len(self.labels)

    def encode(self, examples: Examples) -> NDArray[np.int64]:
        """(n,) their numbers."""
        seen = set(self.labels.classes.tolist())
        if unseen := [row for row, given in enumerate(examples.inputs) if given not in seen]:
            told = named(f"{examples.inputs[row]!r} ({examples.place(row)})" for row in unseen)
            raise InputError(f"never seen in training: {told}; there are {self.labels}")
        return self.labels.encode(examples.inputs, [""] * len(examples))

    def to_json(self) -> dict[str, Any]:
        """The strings."""
        return {"kind": self.kind, "labels": self.labels.to_json()}

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """What `to_json` described."""
        labels = Labels.from_json(value.get("labels"))
        if labels.classes.dtype.kind != "U":
            raise InputError("the classes of a generator must be strings; save it anew")
        return cls(labels)


class NumberConditions(Conditions):
    """A number or a vector for each sequence, scaled column by column; NaN where missing."""

    kind = "numbers"
    takes = "vectors"

    def __init__(self, scaler: Scaler) -> None:
        self.scaler = scaler

    @classmethod
    def learn(cls, examples: Examples) -> Self:
        """The scale of each column."""
        return cls(Scaler.learn(_rows(examples)))

    @property
    def size(self) -> int:
        """The columns and what marks their gaps."""
        return self.scaler.features

    def encode(self, examples: Examples) -> NDArray[np.float32]:
        """(n, features)."""
        rows = _rows(examples)
        if rows.shape[1] != self.scaler.columns:
            raise InputError(
                f"the conditions have {rows.shape[1]} numbers each and those of training had "
                f"{self.scaler.columns}: give as many"
            )
        return self.scaler.transform(rows)

    def to_json(self) -> dict[str, Any]:
        """The scaler."""
        return {"kind": self.kind, "scaler": self.scaler.to_json()}

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """What `to_json` described."""
        return cls(Scaler.from_json(value.get("scaler")))


_KINDS: tuple[type[Conditions], ...] = (ClassConditions, NumberConditions)


def condition_examples(X: Any, y: Any = None) -> Examples:
    """Examples whose inputs are conditions.

    Args:
        X: `Examples`; or a list, array or data frame column of strings, of numbers, or of vectors (D,) or
            (1, D); or an array (n, D) or a data frame of numeric columns.
        y: the targets, or None.

    Raises:
        InputError: X is none of these; or y has another length.
    """
    if isinstance(X, (Examples, str, bytes)) or not isinstance(X, Iterable):
        examples = Examples.of(X, y)
    else:
        values = X.to_numpy() if hasattr(X, "to_numpy") else X
        examples = Examples.of([_as_row(value) for value in values], y)
    if examples.kind not in [kind.takes for kind in _KINDS]:
        raise InputError(
            f"a generator cannot be asked for {examples.kind}: give it strings, numbers or vectors"
        )
    return examples


def conditions_of(examples: Examples) -> type[Conditions]:
    """The kind of conditions that examples have."""
    return next(kind for kind in _KINDS if kind.takes == examples.kind)


def encode_conditions(conditions: Conditions, examples: Examples) -> NDArray[Any]:
    """(n,) int64 or (n, D) float32, as `Conditions.encode`.

    Raises:
        InputError: the examples are of another kind than those of training, or unlike them.
    """
    if examples.kind != conditions.takes:
        raise InputError(
            f"the model was trained to be given {conditions.kind}, and these are "
            f"{conditions_of(examples).kind}"
        )
    return conditions.encode(examples)


def conditions_from_json(value: Any) -> Conditions:
    """The conditions whose `to_json` gave `value`; safe for a stranger's JSON.

    Raises:
        InputError: `value` describes none.
    """
    for kind in _KINDS:
        if isinstance(value, dict) and value.get("kind") == kind.kind:
            return kind.from_json(value)
    raise InputError("the `kind` of conditions must be strings or numbers; save them anew")


def _as_row(value: Any) -> Any:
    """A number or a vector (D,) as the one step (1, D) of a sequence; anything else as it is."""
    if isinstance(value, Number):
        return np.array([[value]])
    numeric = isinstance(value, np.ndarray) and value.ndim == 1 and value.dtype.kind in "biuf"
    if numeric or (isinstance(value, (list, tuple)) and all(isinstance(item, Number) for item in value)):
        return np.reshape(value, (1, -1))
    if isinstance(value, np.ndarray) and value.ndim == 1 and value.dtype == object and len(value) == 1:
        return value[0]  # a row of a data frame with one column of strings
    return value


def _rows(examples: Examples) -> NDArray[np.float32]:
    """(n, D)."""
    if longer := [row for row, steps in enumerate(examples.inputs) if len(steps) != 1]:
        row = longer[0]
        raise InputError(
            f"{examples.place(row)}: what a generator is asked for is one vector (D,), not an array "
            f"{np.shape(examples.inputs[row])}"
        )
    return np.concatenate(examples.inputs)
