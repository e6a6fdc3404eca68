"""The baseline of what is said of whole sequences: a linear model that does not see their order.

What it reaches needs no recurrent network; what a network reaches beyond it is in the order of the steps.
"""

import math
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from sklearn.linear_model import Ridge

from ostinato.data import Ragged
from ostinato.tasks._linear_baseline import LinearBaseline, fit_classes, standards

_GRID = 8  # a frame is looked at as 8 × 8 fields at most
_EXAMPLES = 50_000  # that it is fitted on, the first ones


class OrderFree(LinearBaseline):
    """Scores of sequences by their steps' summary: how often each token occurs, or each column's mean,
    standard deviation, minimum and maximum, and the length.
    """  # noqa: D205

    @classmethod
    def fit(cls, sequences: Ragged, targets: Any, outputs: int, vocabulary: int) -> Self:
        """Fit to training examples.

        Args:
            sequences: as a network reads them.
            targets: (n,) class numbers, for a logistic regression; or (n, K) numbers, for a ridge regression.
            outputs: K.
            vocabulary: the number of token ids; 0 for numeric steps.
        """
        rows = min(len(sequences), _EXAMPLES)
        features = _summary(Ragged(sequences.values, sequences.offsets[: rows + 1]), vocabulary)
        centre, scale = standards(features)
        if vocabulary == 0:
            features = (features - centre) / scale
        weights, bias = np.zeros((outputs, features.shape[1])), np.zeros(outputs)
        if targets.ndim == 2:
            ridge = Ridge(alpha=1.0).fit(features, targets[:rows])
            weights[:], bias[:] = ridge.coef_.reshape(outputs, -1), ridge.intercept_
        else:
            fit_classes(features, targets[:rows], weights, bias)
        return cls(centre, scale, weights, bias, vocabulary)

    @property
    def name(self) -> str:
        """What it is, in a few words."""
        what = (
            "how often each token occurs" if self.vocabulary else "mean, spread and extremes of each column"
        )
        return f"a linear model of {what}, blind to the order"

    def outputs(self, sequences: Ragged) -> NDArray[np.float32]:
        """(n, K) scores, to be read as the network's."""
        return self.scores(_summary(sequences, self.vocabulary))


def summary_size(element: tuple[int, ...], vocabulary: int) -> int:
    """F, how many features there are of sequences with steps of this shape."""
    if vocabulary:
        return vocabulary
    fields = [min(_GRID, size) for size in element[:2]] if len(element) == 3 else []
    return 4 * math.prod([*fields, element[-1]]) + 1


def _summary(sequences: Ragged, vocabulary: int) -> Any:
    """(n, F) features, sparse for tokens."""
    if vocabulary:
        return _counts(sequences, vocabulary)
    return np.stack([_moments(sequence) for sequence in sequences])


def _counts(sequences: Ragged, vocabulary: int) -> csr_array:
    """(n, V): log(1 + how often each id occurs)."""
    values = np.asarray(sequences.values[sequences.offsets[0] : sequences.offsets[-1]])
    ones = np.ones(len(values), np.float32)
    counts = csr_array((ones, values, sequences.offsets - sequences.offsets[0]), (len(sequences), vocabulary))
    counts.sum_duplicates()
    counts.data = np.log1p(counts.data)
    return counts


def _moments(sequence: NDArray[Any]) -> NDArray[np.float64]:
    steps = flat_steps(sequence)
    moments = [steps.mean(0), steps.std(0), steps.min(0), steps.max(0), [np.log(len(steps))]]
    return np.concatenate(moments)


def flat_steps(sequence: NDArray[Any]) -> NDArray[np.float64]:
    """Numeric steps as (T, F): vectors as they are, frames as the means of 8 × 8 fields at most."""
    if sequence.ndim == 2:
        return sequence.astype(np.float64)
    T, height, width = sequence.shape[:3]
    rows, columns = (
        np.linspace(0, height, min(_GRID, height) + 1),
        np.linspace(0, width, min(_GRID, width) + 1),
    )
    bands = np.add.reduceat(sequence, rows[:-1].astype(int), axis=1, dtype=np.float64)
    fields = np.add.reduceat(bands, columns[:-1].astype(int), axis=2)
    area = height * width / ((len(rows) - 1) * (len(columns) - 1))
    steps: NDArray[np.float64] = fields.reshape(T, -1) / (255 * area)
    return steps


def flat_size(element: tuple[int, ...]) -> int:
    """F, of steps of a shape."""
    return int(flat_steps(np.zeros((1, *element), np.float32)).shape[1])
