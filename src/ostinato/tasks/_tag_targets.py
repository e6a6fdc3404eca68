"""Tags: a label at each step."""

from collections.abc import Iterable, Sequence
from typing import Any, Self, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ostinato._errors import InputError
from ostinato.data import (
    MEDIA,
    Examples,
    Labels,
    Ragged,
    Segment,
    TagAnswers,
    check_within,
    labels_of,
    named,
    parse_segments,
)
from ostinato.nn import TaggingNetwork
from ostinato.tasks._class_figures import agreement, by_class
from ostinato.tasks._class_weights import class_weights
from ostinato.tasks._sequence_targets import Encoded, SequenceTargets
from ostinato.tasks._tag_scores import TagScores
from ostinato.training import Figures

_SLACK = 0.1  # seconds: the end of a sound that fills no window is no step


class TagTargets(TagAnswers, SequenceTargets):
    """Labels of steps; the network gives a logit for each label at each step.

    A target is a list with a label for each step, for a text also a string of labels that are one character
    each, or for a recording a list of `Segment`s, in seconds.

    Args:
        labels: those of the training examples.
        background: the label of steps in no segment.
        weights: (K,) how much a step of each label counts in the loss; None: all alike.
    """

    def __init__(self, labels: Labels, background: str = "", weights: NDArray[Any] | None = None) -> None:
        super().__init__(labels, background)
        self.weights = None if weights is None else torch.tensor(weights, dtype=torch.float32)

    @classmethod
    def learn(cls, examples: Examples, background: str = "") -> Self:
        """The labels that occur; with segments, the background is one of them."""
        distinct: dict[Any, None] = {}
        for target in _targets(examples):
            if _is_segments(target, examples.kind):
                distinct.update(dict.fromkeys([background, *(segment.label for segment in target)]))
            else:
                distinct.update(dict.fromkeys(target))
        return cls(Labels.learn(distinct), background)

    def weighted(self, truth: NDArray[np.int64], class_weight: Any) -> "TagTargets":
        """The same with weights, by the training steps' labels.

        Raises:
            InputError: all steps have one label.
            ParameterError: `class_weight` is none.
        """
        if len(np.unique(truth)) < 2:
            only = self.labels.classes.tolist()[truth[0]]
            raise InputError(
                f"all {len(truth):,} training steps have one label, {only!r}: two or more are needed to "
                f"learn to tell them apart"
            )
        return TagTargets(self.labels, self.background, class_weights(self.labels, truth, class_weight))

    def encode(
        self, examples: Examples, lengths: NDArray[Any], seconds_per_step: float | None = None
    ) -> Ragged:
        """(T,) int64 for each sequence: the numbers of its steps' labels."""
        rows = [
            self._of_segments(target, int(length), seconds_per_step or 0.0, examples.place(row))
            if _is_segments(target, examples.kind)
            else target
            for row, (target, length) in enumerate(zip(_targets(examples), lengths, strict=True))
        ]
        _check_counts(examples, rows, lengths)
        distinct = [(label, row) for row, tags in enumerate(rows) for label in dict.fromkeys(tags)]
        places = [f"{examples.place(row)}, step {rows[row].index(label) + 1}" for label, row in distinct]
        ids = self.labels.encode([label for label, _ in distinct], places).tolist()
        number = dict(zip((label for label, _ in distinct), ids, strict=True))
        return Ragged.of([np.array([number[tag] for tag in tags], np.int64) for tags in rows])

    def loss(self, network: nn.Module, outputs: Tensor, targets: Tensor, lengths: Tensor) -> Tensor:
        """-log p of the right labels in nats, averaged over steps."""
        weights = None if self.weights is None else self.weights.to(outputs.device)
        return cast("TaggingNetwork", network).loss(outputs, targets, lengths, weights)

    def figures(self, outputs: TagScores, targets: Encoded) -> Figures:
        """Loss (nats per step, all alike), accuracy over steps, and F1 averaged over the labels there are."""
        truth = cast("Ragged", targets)
        return {"loss": outputs.loss(truth), **agreement(outputs.likeliest().values, truth.values)}

    def by_label(self, outputs: TagScores, targets: Encoded) -> dict[str, Any]:
        """Figures of each label and the confusion matrix, of steps, as of `_class_figures.by_class`."""
        return by_class(self.labels, outputs.likeliest().values, cast("Ragged", targets).values)

    def _of_segments(
        self, segments: list[Segment], length: int, seconds_per_step: float, place: str
    ) -> list[Any]:
        """The label of each step, which is that in the middle of it."""
        check_within(segments, length * seconds_per_step + _SLACK, seconds_per_step, place)
        return labels_of(segments, (np.arange(length) + 0.5) * seconds_per_step, self.background)


def _targets(examples: Examples) -> list[list[Any]]:
    """A list of labels, or of segments, for each input."""
    if examples.targets is None:
        raise InputError("there are no targets: y cannot be None, give the labels of each sequence's steps")
    return [_target(value, examples.kind, examples.place(row)) for row, value in enumerate(examples.targets)]


def _target(value: Any, kind: str, place: str) -> list[Any]:
    if hasattr(value, "to_list") or hasattr(value, "tolist"):
        value = value.to_list() if hasattr(value, "to_list") else value.tolist()
    if not isinstance(value, Iterable) or (isinstance(value, str) and kind != "text"):
        raise InputError(f"{place}: {value!r} is no list of labels; give one for each step")
    labels = list(value)
    if kind in MEDIA and all(isinstance(item, (list, tuple)) for item in labels):
        return list(parse_segments(labels, place))
    for step, label in enumerate(labels):
        if not isinstance(label, (str, int, float, np.generic)):
            only = "" if kind in MEDIA else "; only recordings have segments"
            raise InputError(
                f"{place}, step {step + 1}: {label!r} is no label; give a string or a number{only}"
            )
    return labels


def _is_segments(target: list[Any], kind: str) -> bool:
    """Whether these are segments; no segments at all, too, are a recording's."""
    return kind in MEDIA and all(isinstance(item, Segment) for item in target)


def _check_counts(examples: Examples, rows: Sequence[Sequence[Any]], lengths: NDArray[Any]) -> None:
    wrong = [row for row, (tags, T) in enumerate(zip(rows, lengths, strict=True)) if len(tags) != T]
    if not wrong:
        return
    told = named(
        f"{examples.place(row)}: {len(rows[row]):,} labels for {lengths[row]:,} steps" for row in wrong
    )
    form = ""
    if examples.kind == "text" and any(len(examples.inputs[row]) != lengths[row] for row in wrong):
        form = (
            "; texts are read in Unicode's composed form, as the training text was, and so have fewer "
            "characters: label those of unicodedata.normalize('NFC', text)"
        )
    raise InputError(f"{told}; give each step one label{form}")
