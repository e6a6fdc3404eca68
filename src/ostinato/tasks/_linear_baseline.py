"""What the baselines that score classes or numbers with a linear model have in common."""

import warnings
from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, spmatrix
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from ostinato._errors import InputError


class LinearBaseline:
    """Scores (n, K) of features (n, F), standardised, or of token ids.

    Args:
        centre: (F,) subtracted from the features.
        scale: (F,) that they are divided by.
        weights: (K, F).
        bias: (K,).
        vocabulary: the number of token ids; 0 for numeric steps.
    """

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

    def scores(self, features: Any) -> NDArray[np.float32]:
        """(n, K) scores of features (n, F)."""
        if self.vocabulary == 0:
            features = (features - self.centre) / self.scale
        return np.asarray(features @ self.weights.T + self.bias, np.float32)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """As named arrays; `from_arrays` is the inverse."""
        arrays = {"centre": self.centre, "scale": self.scale, "weights": self.weights, "bias": self.bias}
        return {name: np.ascontiguousarray(array, np.float32) for name, array in arrays.items()}

    @classmethod
    def from_arrays(
        cls, arrays: Mapping[str, NDArray[Any]], outputs: int, vocabulary: int, features: int | None = None
    ) -> Self:
        """The baseline of `to_arrays`, of K = `outputs`.

        Args:
            arrays: by name.
            outputs: K.
            vocabulary: the number of token ids; 0 for numeric steps.
            features: F, where it is known.

        Raises:
            InputError: the arrays are not those of such a baseline.
        """
        names = ("centre", "scale", "weights", "bias")
        if arrays.keys() != set(names):
            raise InputError("it does not hold a linear baseline: save the model again")
        centre, scale, weights, bias = (arrays[name] for name in names)
        size = len(centre) if centre.ndim == 1 else 0
        shapes = [array.shape for array in (scale, weights, bias)]
        if shapes != [(size,), (outputs, size), (outputs,)] or size != (vocabulary or features or size):
            raise InputError("its baseline has other sizes than the model: save the model again")
        if not all(array.dtype == np.float32 and np.isfinite(array).all() for array in arrays.values()):
            raise InputError("its baseline has numbers that are not finite float32: save the model again")
        if not (scale > 0).all():
            raise InputError("its baseline has scales that are not above 0: save the model again")
        return cls(centre, scale, weights, bias, vocabulary)


def fit_classes(features: Any, targets: NDArray[Any], weights: NDArray[Any], bias: NDArray[Any]) -> None:
    """A logistic regression; rows of classes that do not occur stay as unlikely as can be told."""
    present = np.unique(targets)
    bias[:] = -30.0
    if len(present) == 1:
        bias[present] = 0.0
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a baseline need not be the last word
        warnings.filterwarnings("ignore", "The number of unique classes")  # as many as there may be
        model = LogisticRegression(max_iter=200).fit(features, targets)
    if len(present) == 2:  # one row of weights, of the second class
        weights[present[1]], bias[present] = model.coef_[0], [0.0, model.intercept_[0]]
    else:
        weights[present], bias[present] = model.coef_, model.intercept_


def standards(features: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    """Each column's mean and standard deviation, 1 where there is none; of counts 0 and 1."""
    if isinstance(features, spmatrix | csr_array):
        return np.zeros(features.shape[1]), np.ones(features.shape[1])
    deviation = features.std(0)
    return features.mean(0), np.where(deviation > 1e-6, deviation, 1.0)
