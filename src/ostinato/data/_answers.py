"""What the numbers mean that a network gives for a sequence, or for each of its steps."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError
from ostinato.data._labels import Labels
from ostinato.data._scaler import Scaler


class Answers(ABC):
    """From a network's outputs to what a user asked for.

    Attributes:
        kind: "classes", "numbers" or "tags".
    """

    kind: ClassVar[str]

    @property
    @abstractmethod
    def outputs(self) -> int:
        """K, how many numbers the network gives."""

    @classmethod
    @abstractmethod
    def from_json(cls, value: Any) -> Self:
        """What was saved in a model directory; `InputError` for anything else."""


class ClassAnswers(Answers):
    """A logit for each of two or more classes.

    Args:
        labels: the classes.
    """

    kind = "classes"

    def __init__(self, labels: Labels) -> None:
        self.labels = labels

    @property
    def outputs(self) -> int:
        """K, the number of classes."""
        return len(self.labels)

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """The classes; how they were weighted in training is of no use afterwards."""
        return cls(class_labels(value))


class NumberAnswers(Answers):
    """Numbers, in units of training's.

    Args:
        scaler: of the K columns.
        single: whether there is one number for each sequence, in an array of one dimension.
    """

    kind = "numbers"

    def __init__(self, scaler: Scaler, single: bool) -> None:
        self.scaler = scaler
        self.single = single

    @property
    def outputs(self) -> int:
        """K, the number of columns."""
        return self.scaler.columns

    def restore(self, outputs: NDArray[Any]) -> NDArray[np.float64]:
        """Outputs (n, K) in the targets' own units, (n,) where each has a single number."""
        values = self.scaler.restore(outputs)
        return values[:, 0] if self.single else values

    def to_json(self) -> dict[str, Any]:
        """The scaler."""
        return {"kind": self.kind, "scaler": self.scaler.to_json(), "single": self.single}

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """What `to_json` described."""
        value = value if isinstance(value, dict) else {}
        scaler, single = Scaler.from_json(value.get("scaler")), value.get("single")
        if not isinstance(single, bool) or (single and scaler.columns != 1):
            raise InputError("number targets must say whether they are single; save them anew")
        return cls(scaler, single)


class TagAnswers(Answers):
    """A logit for each label, at each step.

    Args:
        labels: those of steps.
        background: the label of a recording's steps in no segment.
    """

    kind = "tags"

    def __init__(self, labels: Labels, background: str = "") -> None:
        self.labels = labels
        self.background = background

    @property
    def outputs(self) -> int:
        """K, the number of labels."""
        return len(self.labels)

    def to_json(self) -> dict[str, Any]:
        """The labels and the background."""
        return {"kind": self.kind, "labels": self.labels.to_json(), "background": self.background}

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """What `to_json` described."""
        value = value if isinstance(value, dict) else {}
        labels, background = Labels.from_json(value.get("labels")), value.get("background")
        if not isinstance(background, str):
            raise InputError("tags need a background label, a string; save them anew")
        return cls(labels, background)


def class_labels(value: Any) -> Labels:
    """The classes of a saved classifier; `InputError` unless there are two or more."""
    labels = Labels.from_json(value.get("labels") if isinstance(value, dict) else None)
    if len(labels) < 2:
        raise InputError("there must be two classes or more; save them anew")
    return labels
