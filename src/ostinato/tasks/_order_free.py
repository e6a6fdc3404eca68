"""The baseline of what is said of whole sequences: a linear model that does not see their order.

What it reaches needs no recurrent network; what a network reaches beyond it is in the order of the steps.
"""

import warnings
from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, spmatrix
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, Ridge

from ostinato._errors import InputError
from ostinato.data import Ragged

_GRID = 8  # a frame is looked at as 8 × 8 fields at most
_EXAMPLES = 50_000  # that it is fitted on, the first ones


class OrderFree:
    """Scores of sequences by their steps' summary: how often each token occurs, or each column's mean,
    standard deviation, minimum and maximum, and the length.

    Args:
        centre: (F,) subtracted from the features.
        scale: (F,) that they are divided by.
        weights: (K, F).
        bias: (K,).
        vocabulary: the number of token ids; 0 for numeric steps.
    """  # noqa: D205

    def __init__(
        self,
        centre: NDArray[Any],
        scale: NDArray[Any],
        weights: NDArray[Any],
        bias: NDArray[Any],
        vocabulary: int,
    ) -> None:
        self.centre, self.scale, self.weights, self.bias = centre, scale, weights, bias
        self.vocabulary = vocabulary

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
        centre, scale = _standards(features)
        if vocabulary == 0:
            features = (features - centre) / scale
        weights, bias = np.zeros((outputs, features.shape[1])), np.zeros(outputs)
        if targets.ndim == 2:
            ridge = Ridge(alpha=1.0).fit(features, targets[:rows])
            weights[:], bias[:] = ridge.coef_.reshape(outputs, -1), ridge.intercept_
        else:
            _fit_classes(features, targets[:rows], weights, bias)
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
        features = _summary(sequences, self.vocabulary)
        if self.vocabulary == 0:
            features = (features - self.centre) / self.scale
        return np.asarray(features @ self.weights.T + self.bias, np.float32)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """As named arrays; `from_arrays` is the inverse."""
        arrays = {"centre": self.centre, "scale": self.scale, "weights": self.weights, "bias": self.bias}
        return {name: np.ascontiguousarray(array, np.float32) for name, array in arrays.items()}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], outputs: int, vocabulary: int) -> Self:
        """The baseline of `to_arrays`, of K = `outputs`.

        Raises:
            InputError: the arrays are not those of such a baseline.
        """
        names = ("centre", "scale", "weights", "bias")
        if arrays.keys() != set(names):
            raise InputError("it does not hold a linear baseline: save the model again")
        centre, scale, weights, bias = (arrays[name] for name in names)
        size = len(centre) if centre.ndim == 1 else 0
        shapes = [array.shape for array in (scale, weights, bias)]
        if shapes != [(size,), (outputs, size), (outputs,)] or (vocabulary and size != vocabulary):
            raise InputError("its baseline has other sizes than the model: save the model again")
        if not all(array.dtype == np.float32 and np.isfinite(array).all() for array in arrays.values()):
            raise InputError("its baseline has numbers that are not finite float32: save the model again")
        return cls(centre, scale, weights, bias, vocabulary)


def _fit_classes(features: Any, targets: NDArray[Any], weights: NDArray[Any], bias: NDArray[Any]) -> None:
    """A logistic regression; rows of classes that do not occur stay as unlikely as can be told."""
    present = np.unique(targets)
    bias[:] = -30.0
    if len(present) == 1:
        bias[present] = 0.0
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a baseline need not be the last word
        model = LogisticRegression(max_iter=200).fit(features, targets)
    if len(present) == 2:  # one row of weights, of the second class
        weights[present[1]], bias[present] = model.coef_[0], [0.0, model.intercept_[0]]
    else:
        weights[present], bias[present] = model.coef_, model.intercept_


def _standards(features: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    if isinstance(features, spmatrix | csr_array):
        return np.zeros(features.shape[1]), np.ones(features.shape[1])
    deviation = features.std(0)
    return features.mean(0), np.where(deviation > 1e-6, deviation, 1.0)


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
