"""The baseline of labels at steps: a model that sees one step and nothing around it."""

import math
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ostinato.data import Ragged
from ostinato.tasks._linear_baseline import LinearBaseline, fit_classes, standards
from ostinato.tasks._order_free import flat_steps
from ostinato.tasks._tag_scores import TagScores

_STEPS = 50_000  # numeric steps that it is fitted on, spread evenly over all
_AT_A_TIME = 1 << 23  # numbers of steps that are looked at


class EachStepAlone(LinearBaseline):
    """Scores of each step's labels: how often a token had them in training, or a logistic regression on the
    step's numbers.
    """  # noqa: D205

    @classmethod
    def fit(cls, sequences: Ragged, labels: Ragged, outputs: int, vocabulary: int) -> Self:
        """Fit to training examples.

        Args:
            sequences: as a network reads them.
            labels: the label numbers of their steps.
            outputs: K.
            vocabulary: the number of token ids; 0 for numeric steps.
        """
        if vocabulary:
            weights = _token_scores(sequences.values, labels.values, outputs, vocabulary)
            return cls(np.zeros(vocabulary), np.ones(vocabulary), weights, np.zeros(outputs), vocabulary)
        count = len(sequences.values)
        chosen = np.unique(np.linspace(0, count - 1, min(count, _STEPS)).astype(np.int64))
        features = _features(sequences.values, chosen)
        centre, scale = standards(features)
        weights, bias = np.zeros((outputs, features.shape[1])), np.zeros(outputs)
        fit_classes((features - centre) / scale, labels.values[chosen], weights, bias)
        return cls(centre, scale, weights, bias, vocabulary)

    @property
    def name(self) -> str:
        """What it is, in a few words."""
        what = "each token's most frequent label" if self.vocabulary else "a linear model of each step"
        return f"{what}, blind to the steps around it"

    def outputs(self, sequences: Ragged) -> TagScores:
        """Scores of all steps, to be read as the network's."""
        if self.vocabulary:
            return TagScores(Ragged(self.weights.T[sequences.values].astype(np.float32), sequences.offsets))
        parts = [self.scores(flat_steps(part)) for part in sequences.cut(_at_a_time(sequences.values))]
        return TagScores(Ragged(np.concatenate(parts), sequences.offsets))


def _token_scores(
    ids: NDArray[Any], labels: NDArray[np.int64], outputs: int, vocabulary: int
) -> NDArray[np.float64]:
    """(K, V): log p(label | token), as if each token had been seen once more, labelled as all are."""
    pairs = np.bincount(labels * vocabulary + ids, minlength=outputs * vocabulary)
    counts = pairs.reshape(outputs, vocabulary)
    of_labels = counts.sum(1, keepdims=True) + 1
    shares: NDArray[np.float64] = (counts + of_labels / of_labels.sum()) / (counts.sum(0) + 1)
    return np.log(shares)


def _features(steps: NDArray[Any], rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """(n, F) of some of the steps, which may lie on the disk and be more than memory holds."""
    some = _at_a_time(steps)
    return np.concatenate(
        [flat_steps(np.asarray(steps[rows[begin : begin + some]])) for begin in range(0, len(rows), some)]
    )


def _at_a_time(steps: NDArray[Any]) -> int:
    return max(1, _AT_A_TIME // math.prod(steps.shape[1:]))
