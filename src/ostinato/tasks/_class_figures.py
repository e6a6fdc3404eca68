"""How right predicted classes are, of whole sequences or of steps."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix, f1_score, precision_recall_fscore_support

from ostinato.data import Labels
from ostinato.training import Figures


def probabilities(logits: NDArray[Any]) -> NDArray[np.float64]:
    """Softmax over the last axis, in float64, so that rows sum to 1."""
    exponentials = np.exp(logits.astype(np.float64) - logits.max(-1, keepdims=True))
    shares: NDArray[np.float64] = exponentials / exponentials.sum(-1, keepdims=True)
    return shares


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
    return {
        "accuracy": float((predicted == truth).mean()),
        "macro_f1": float(f1_score(truth, predicted, average="macro", zero_division=0.0)),
    }


def by_class(labels: Labels, predicted: NDArray[np.int64], truth: NDArray[np.int64]) -> dict[str, Any]:
    """Precision, recall, F1 and number of examples of each class, and the confusion matrix.

    The matrix's row is the true class and its column the predicted one, both in the order of `classes`.
    """
    every = list(range(len(labels)))
    columns = precision_recall_fscore_support(truth, predicted, labels=every, zero_division=0.0)
    names = ("precision", "recall", "f1", "examples")
    return {
        "classes": [
            {"class": label, **dict(zip(names, [*map(float, row[:3]), int(row[3])], strict=True))}
            for label, *row in zip(labels.classes.tolist(), *columns, strict=True)
        ],
        "confusion": confusion_matrix(truth, predicted, labels=every).tolist(),
    }
