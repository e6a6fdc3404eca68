"""How right predicted classes are, of whole sequences or of steps."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ostinato.data import Labels
from ostinato.training import Figures


def mean_log_loss(
    logits: NDArray[Any], truth: NDArray[np.int64], weights: NDArray[Any] | None = None
) -> float:
    """The mean of -log p(true class), in nats, of logits (n, K) and true classes (n,).

    With weights (K,), each example counts as its class's weight says.
    """
    shifted = logits.astype(np.float64) - logits.max(-1, keepdims=True)
    right = np.take_along_axis(shifted, truth[:, None], axis=1)[:, 0]
    losses = np.log(np.exp(shifted).sum(-1)) - right
    return float(np.average(losses, weights=None if weights is None else weights[truth]))


def agreement(predicted: NDArray[np.int64], truth: NDArray[np.int64]) -> Figures:
    """Accuracy, and F1 averaged over the classes there are, of (n,) class numbers each."""
    right, guessed, true = _counts(predicted, truth, int(max(predicted.max(), truth.max())) + 1)
    there = guessed + true > 0
    return {
        "accuracy": float((predicted == truth).mean()),
        "macro_f1": float((2 * right[there] / (guessed + true)[there]).mean()),
    }


def by_class(labels: Labels, predicted: NDArray[np.int64], truth: NDArray[np.int64]) -> dict[str, Any]:
    """Precision, recall, F1 and number of examples of each class, and the confusion matrix.

    The matrix's row is the true class and its column the predicted one, both in the order of `classes`.
    """
    size = len(labels)
    right, guessed, true = _counts(predicted, truth, size)
    precision, recall = right / np.maximum(guessed, 1), right / np.maximum(true, 1)
    f1 = 2 * right / np.maximum(guessed + true, 1)
    rows = zip(labels.classes.tolist(), precision, recall, f1, true, strict=True)
    return {
        "classes": [
            {"class": label, "precision": float(p), "recall": float(r), "f1": float(f), "examples": int(n)}
            for label, p, r, f, n in rows
        ],
        "confusion": np.bincount(truth * size + predicted, minlength=size**2).reshape(size, size).tolist(),
    }


def _counts(
    predicted: NDArray[np.int64], truth: NDArray[np.int64], size: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """How many there are of each class: predicted rightly, predicted, and true."""
    groups = (truth[predicted == truth], predicted, truth)
    right, guessed, true = (np.bincount(group, minlength=size) for group in groups)
    return right, guessed, true
