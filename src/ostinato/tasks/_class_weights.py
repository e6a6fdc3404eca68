"""How much an example of each class counts."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import ParameterError
from ostinato.data import Labels


def class_weights(labels: Labels, truth: NDArray[np.int64], class_weight: Any) -> NDArray[np.float64] | None:
    """The weight of each class in the loss.

    Args:
        labels: the K classes.
        truth: (n,) those of the training examples.
        class_weight: None; "balanced": each class counts the same, however many examples it has; or a mapping
            from labels to weights, 1 where it has none.

    Returns:
        (K,), or None where all examples count alike.

    Raises:
        ParameterError: `class_weight` is anything else.
    """
    classes = labels.classes.tolist()
    if class_weight is None:
        return None
    if isinstance(class_weight, str) and class_weight == "balanced":
        counts = np.bincount(truth, minlength=len(classes))
        weights = len(truth) / (np.count_nonzero(counts) * np.maximum(counts, 1))
        return np.where(counts > 0, weights, 1.0)
    if not isinstance(class_weight, Mapping):
        raise ParameterError("class_weight", f"is {class_weight!r}: it must be None, balanced or a mapping")
    if unknown := [label for label in class_weight if label not in classes]:
        raise ParameterError(
            "class_weight", f"has {unknown[0]!r}, which is no class of y: there are {labels}"
        )
    weights = np.array([float(class_weight.get(label, 1.0)) for label in classes])
    if not (np.isfinite(weights).all() and (weights >= 0).all() and weights.any()):
        raise ParameterError("class_weight", "must hold finite weights from 0 on, not all of them 0")
    return weights
