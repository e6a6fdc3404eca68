"""How much an example of each class counts."""

import reprlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import ParameterError
from ostinato._parameters import Real
from ostinato.data import Labels

WEIGHT = Real(1e-9, 1e9)  # of a class


@dataclass(frozen=True)
class ClassWeight:
    """None, "balanced", or a mapping from labels to weights above 0; it may come as (label, weight) pairs."""

    def check(self, name: str, value: Any) -> Any:
        """As it is, or as pairs, which JSON can hold where labels are numbers; else `ParameterError`."""
        if value is None or (isinstance(value, str) and value == "balanced"):
            return value
        try:
            items = dict(value).items()
        except (TypeError, ValueError):
            raise ParameterError(
                name, f"is {reprlib.repr(value)}: it must be None, 'balanced', or weights by label"
            ) from None
        return [[_label(name, label), WEIGHT.check(name, weight)] for label, weight in items]


def class_weights(labels: Labels, truth: NDArray[np.int64], class_weight: Any) -> NDArray[np.float64] | None:
    """The weight of each class in the loss.

    Args:
        labels: the K classes.
        truth: (n,) those of the training examples.
        class_weight: as `ClassWeight` takes it. "balanced": each class counts the same, however many examples
            it has. Labels that have no weight have 1.

    Returns:
        (K,), or None where all examples count alike.

    Raises:
        ParameterError: it is none, or has a label that does not occur.
    """
    classes = labels.classes.tolist()
    class_weight = ClassWeight().check("class_weight", class_weight)
    if class_weight is None:
        return None
    if class_weight == "balanced":
        counts = np.bincount(truth, minlength=len(classes))
        weights = len(truth) / (np.count_nonzero(counts) * np.maximum(counts, 1))
        return np.where(counts > 0, weights, 1.0)
    given = dict(class_weight)
    if unknown := [label for label in given if label not in classes]:
        raise ParameterError(
            "class_weight", f"has {unknown[0]!r}, which is no class of y: there are {labels}"
        )
    return np.array([given.get(label, 1.0) for label in classes], np.float64)


def _label(name: str, label: Any) -> str | int | float:
    plain = label.item() if isinstance(label, np.generic) else label
    if not isinstance(plain, (str, int, float)):
        raise ParameterError(name, f"has {reprlib.repr(label)}: a label is a string or a number")
    return plain
