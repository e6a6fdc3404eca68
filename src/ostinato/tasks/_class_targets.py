"""Classes: one label for each sequence."""

from collections.abc import Hashable, Sequence
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from ostinato._errors import InputError
from ostinato.data import Examples, Labels
from ostinato.tasks._class_figures import agreement, by_class, mean_log_loss
from ostinato.tasks._class_weights import class_weights
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
        targets = _present(examples)
        labels = Labels.learn(targets)
        if len(labels) < 2:
            raise InputError(
                f"all {len(examples)} training sequences are of one class, {labels}: two or more are needed "
                f"to learn to tell them apart"
            )
        truth = labels.encode(targets, [""] * len(targets))
        return cls(labels, class_weights(labels, truth, class_weight), smoothing)

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
        truth = np.asarray(targets)
        return {"loss": mean_log_loss(outputs, truth), **agreement(outputs.argmax(1), truth)}

    def by_class(self, outputs: Any, targets: Encoded) -> dict[str, Any]:
        """Figures of each class and the confusion matrix, as of `_class_figures.by_class`."""
        return by_class(self.labels, outputs.argmax(1), np.asarray(targets))

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


def _present(examples: Examples) -> list[Any]:
    if examples.targets is None:
        raise InputError("there are no targets: y cannot be None, give the class of each sequence")
    return list(examples.targets)
