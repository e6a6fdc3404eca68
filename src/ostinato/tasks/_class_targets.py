"""Classes: one label for each sequence."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix, f1_score, log_loss, precision_recall_fscore_support
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from ostinato._errors import InputError, ParameterError
from ostinato.data import Examples, Labels
from ostinato.tasks._sequence_targets import Encoded, SequenceTargets
from ostinato.training import Figures


class ClassTargets(SequenceTargets):
    """Labels; the network gives a logit for each, and the loss is the cross-entropy.

    Args:
        labels: those of the training examples.
        weights: (K,) how much an example of each class counts in the loss; None: all alike.
        smoothing: the share of the target spread over all classes in training (Szegedy et al. 2016).
    """

    kind = "classes"

    def __init__(self, labels: Labels, weights: NDArray[Any] | None = None, smoothing: float = 0.0) -> None:
        self.labels = labels
        self.smoothing = smoothing
        self.weights = None if weights is None else torch.tensor(weights, dtype=torch.float32)

    @classmethod
    def learn(cls, examples: Examples, class_weight: Any = None, smoothing: float = 0.0) -> Self:
        """The labels that occur, at least two.

        Args:
            examples: to train on.
            class_weight: None; "balanced": each class counts the same, however many examples it has; or a
                mapping from labels to weights, 1 where it has none.
            smoothing: as for the class itself.
        """
        labels = Labels.learn(_present(examples))
        if len(labels) < 2:
            raise InputError(
                f"all {len(examples)} training sequences are of one class, {labels}: two or more are needed "
                f"to learn to tell them apart"
            )
        return cls(labels, _weights(labels, examples.targets or [], class_weight), smoothing)

    @property
    def outputs(self) -> int:
        """K, the number of classes."""
        return len(self.labels)

    def encode(
        self, examples: Examples, lengths: Any = None, seconds_per_step: float | None = None
    ) -> NDArray[np.int64]:
        """(n,) numbers of the labels."""
        targets = _present(examples)
        return self.labels.encode(targets, [examples.place(row) for row in range(len(targets))])

    def loss(self, network: nn.Module, outputs: Tensor, targets: Tensor, lengths: Tensor) -> Tensor:
        """Cross-entropy in nats, weighted by class."""
        weights = None if self.weights is None else self.weights.to(outputs.device)
        return cross_entropy(outputs, targets, weights, label_smoothing=self.smoothing)

    def figures(self, outputs: Any, targets: Encoded) -> Figures:
        """Loss (nats, all examples alike), accuracy, and F1 averaged over the classes there are."""
        likeliest = outputs.argmax(1)
        every = list(range(self.outputs))
        return {
            "loss": float(log_loss(targets, probabilities(outputs), labels=every)),
            "accuracy": float((likeliest == targets).mean()),
            "macro_f1": float(f1_score(targets, likeliest, average="macro", zero_division=0.0)),
        }

    def by_class(self, outputs: Any, targets: Encoded) -> dict[str, Any]:
        """Precision, recall, F1 and number of examples of each class, and the confusion matrix.

        The matrix's row is the true class and its column the predicted one, both in the order of `classes`.
        """
        every = list(range(self.outputs))
        likeliest = outputs.argmax(1)
        columns = precision_recall_fscore_support(targets, likeliest, labels=every, zero_division=0.0)
        names = ("precision", "recall", "f1", "examples")
        return {
            "classes": [
                {"class": label, **dict(zip(names, [*map(float, row[:3]), int(row[3])], strict=True))}
                for label, *row in zip(self.labels.classes.tolist(), *columns, strict=True)
            ],
            "confusion": confusion_matrix(targets, likeliest, labels=every).tolist(),
        }

    def strata(self, examples: Examples) -> Sequence[Hashable] | None:
        """The labels."""
        return _present(examples)

    def to_json(self) -> dict[str, Any]:
        """The labels; weights and smoothing are of no use after training."""
        return {"kind": self.kind, "labels": self.labels.to_json()}

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """What `to_json` described."""
        return cls(Labels.from_json(value.get("labels") if isinstance(value, dict) else None))


def probabilities(logits: NDArray[Any]) -> NDArray[np.float64]:
    """Softmax over the last axis, in float64, so that rows sum to 1."""
    exponentials = np.exp(logits.astype(np.float64) - logits.max(-1, keepdims=True))
    shares: NDArray[np.float64] = exponentials / exponentials.sum(-1, keepdims=True)
    return shares


def _present(examples: Examples) -> list[Any]:
    if examples.targets is None:
        raise InputError("there are no targets: y cannot be None, give the class of each sequence")
    return list(examples.targets)


def _weights(labels: Labels, targets: Sequence[Any], class_weight: Any) -> NDArray[Any] | None:
    classes = labels.classes.tolist()
    if class_weight is None:
        return None
    if isinstance(class_weight, str) and class_weight == "balanced":
        counts = np.bincount(labels.encode(targets, [""] * len(targets)), minlength=len(classes))
        return np.asarray(len(targets) / (len(classes) * counts))
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
