"""Classes: one label for each sequence."""

import warnings
from dataclasses import replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import DataConversionWarning
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from ostinato._errors import InputError
from ostinato.data import ClassAnswers, Examples, Labels, class_labels, named
from ostinato.tasks._class_figures import agreement, by_class, mean_log_loss
from ostinato.tasks._class_weights import WEIGHT, class_weights
from ostinato.tasks._sequence_targets import Encoded, SequenceTargets, given
from ostinato.training import Figures


class ClassTargets(ClassAnswers, SequenceTargets):
    """Labels; the network gives a logit for each, and the loss is the cross-entropy.

    Args:
        labels: those of the training examples.
        weights: (K,) how much an example of each class counts in the loss; None: all alike.
        smoothing: the share of the target spread over all classes in training (Szegedy et al. 2016).
    """

    def __init__(self, labels: Labels, weights: NDArray[Any] | None = None, smoothing: float = 0.0) -> None:
        super().__init__(labels)
        self.smoothing = smoothing
        self.weights = weights

    @classmethod
    def learn(cls, examples: Examples, class_weight: Any = None, smoothing: float = 0.0) -> Self:
        """The labels that occur, at least two.

        Args:
            examples: to train on.
            class_weight: None; "balanced": each class counts the same, however many examples it has; or a
                mapping from labels to weights, 1 where it has none.
            smoothing: as for the class itself.
        """
        targets = given(examples)
        labels = Labels.learn(targets)
        _check_discrete(labels)
        if len(labels) < 2:
            raise InputError(
                f"all {len(examples)} training sequences are of one class, {labels}: two or more are needed "
                f"to learn to tell them apart"
            )
        truth = labels.encode(targets, [""] * len(targets))
        return cls(labels, class_weights(labels, truth, class_weight), smoothing)

    def encode(
        self, examples: Examples, lengths: Any = None, seconds_per_step: float | None = None
    ) -> NDArray[np.int64]:
        """(n,) numbers of the labels."""
        targets = given(examples)
        return self.labels.encode(targets, [examples.place(row) for row in range(len(targets))])

    def loss(self, network: nn.Module, outputs: Tensor, targets: Tensor, lengths: Tensor) -> Tensor:
        """Cross-entropy in nats, weighted by class."""
        weights = None if self.weights is None else outputs.new_tensor(self.weights)
        return cross_entropy(outputs, targets, weights, label_smoothing=self.smoothing)

    def figures(self, outputs: Any, targets: Encoded) -> Figures:
        """Loss (nats, weighted as in training), accuracy, and F1 averaged over the classes there are."""
        truth = np.asarray(targets)
        return {"loss": mean_log_loss(outputs, truth, self.weights), **agreement(outputs.argmax(1), truth)}

    def by_class(self, outputs: Any, targets: Encoded) -> dict[str, Any]:
        """Figures of each class and the confusion matrix, as of `_class_figures.by_class`."""
        return by_class(self.labels, outputs.argmax(1), np.asarray(targets))

    def to_json(self) -> dict[str, Any]:
        """The labels and their weights; the smoothing is of no use after training."""
        weights = None if self.weights is None else self.weights.tolist()
        return {"kind": self.kind, "labels": self.labels.to_json(), "weights": weights}

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """What `to_json` described."""
        labels = class_labels(value)
        weights = value.get("weights")
        if weights is None:
            return cls(labels)
        if not isinstance(weights, list) or len(weights) != len(labels):
            raise InputError("there must be a weight for each class, or none; save them anew")
        return cls(labels, np.array([WEIGHT.check("a class's weight", weight) for weight in weights]))


def labelled(examples: Examples) -> Examples:
    """The same with one label for each sequence, also where they came as a column (n, 1).

    Raises:
        InputError: a target is missing, or is neither a string nor a number.
    """
    targets = list(examples.targets or [])
    if targets and all(isinstance(target, np.ndarray) and target.shape == (1,) for target in targets):
        warnings.warn(
            "A column-vector y was passed when a 1d array was expected: give y.ravel()",
            DataConversionWarning,
            stacklevel=4,  # where `fit` is called
        )
        targets = [target[0] for target in targets]
        examples = replace(examples, targets=targets)
    bad = [row for row, target in enumerate(targets) if not _is_label(target)]
    if bad:
        told = named(f"{examples.place(row)}: {targets[row]!r}" for row in bad)
        raise InputError(f"classes must be strings or numbers, and none may be missing: {told}")
    return examples


def _is_label(target: Any) -> bool:
    return isinstance(target, (str, int, float, np.bool_, np.integer, np.floating)) and target == target


def _check_discrete(labels: Labels) -> None:
    classes = labels.classes
    if classes.dtype.kind == "f" and (odd := classes[classes != np.trunc(classes)]).size:
        raise InputError(
            f"Unknown label type: continuous. y has the value {odd[0]:g}, which is no class: give strings or "
            f"whole numbers, or train a Regressor"
        )
