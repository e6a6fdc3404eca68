"""Of the outputs at all steps one vector, as far as they are known: the twin of `ostinato.nn.Pooling`.

What is needed of the past is kept in arrays that do not grow, so that a sequence may come step by step.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ostinato.runtime._linear import Floats, Linear, Shapes
from ostinato.runtime._stepper import State


class Pooling(ABC):
    """What is kept of the outputs of n rows, (n, F) at each step, and what is made of it.

    Args:
        features: F.
    """

    def __init__(self, features: int) -> None:
        self.features = features

    @property
    def out_features(self) -> int:
        """F', the size of the vector."""
        return self.features

    def shapes(self) -> Shapes:
        """Of the weights, by name."""
        return {}

    def load(self, weights: Mapping[str, Floats]) -> None:  # noqa: B027 (most have none)
        """Take the weights."""

    @abstractmethod
    def begin(self, n: int) -> State:
        """What is known of no steps."""

    @abstractmethod
    def add(self, y: Floats, real: NDArray[np.bool_], state: State) -> State:
        """Take in one step y (n, F), of the rows that have one: real (n, 1)."""

    @abstractmethod
    def vector(self, last: Floats, state: State) -> Floats:
        """(n, F') of the last output (n, F) and of what is known; every row had a step."""


class Last(Pooling):
    """The last output."""

    def begin(self, n: int) -> State:
        """Nothing."""
        return ()

    def add(self, y: Floats, real: NDArray[np.bool_], state: State) -> State:
        """Nothing."""
        return ()

    def vector(self, last: Floats, state: State) -> Floats:
        """It."""
        return last


class Mean(Pooling):
    """The mean, of a sum in float64, which stays exact however long a stream is."""

    def begin(self, n: int) -> State:
        """(n, F) the sum, (n, 1) how many steps it is of."""
        return np.zeros((n, self.features)), np.zeros((n, 1), np.int64)

    def add(self, y: Floats, real: NDArray[np.bool_], state: State) -> State:
        """Add."""
        total, count = state
        return total + np.where(real, y, 0), count + real

    def vector(self, last: Floats, state: State) -> Floats:
        """Sum by count."""
        total, count = state
        mean: Floats = (total / np.maximum(count, 1)).astype(np.float32)
        return mean


class Max(Pooling):
    """The largest number of each feature."""

    def begin(self, n: int) -> State:
        """(n, F)."""
        return (np.full((n, self.features), -np.inf, np.float32),)

    def add(self, y: Floats, real: NDArray[np.bool_], state: State) -> State:
        """The larger."""
        return (np.where(real, np.maximum(state[0], y), state[0]),)

    def vector(self, last: Floats, state: State) -> Floats:
        """It."""
        return state[0]


class LastMeanMax(Pooling):
    """All three, one after the other."""

    def __init__(self, features: int) -> None:
        super().__init__(features)
        self._mean, self._max = Mean(features), Max(features)

    @property
    def out_features(self) -> int:
        """3 F."""
        return 3 * self.features

    def begin(self, n: int) -> State:
        """The mean's, then the maximum's."""
        return *self._mean.begin(n), *self._max.begin(n)

    def add(self, y: Floats, real: NDArray[np.bool_], state: State) -> State:
        """To both."""
        return *self._mean.add(y, real, state[:2]), *self._max.add(y, real, state[2:])

    def vector(self, last: Floats, state: State) -> Floats:
        """All three."""
        mean, largest = self._mean.vector(last, state[:2]), self._max.vector(last, state[2:])
        return np.concatenate([last, mean, largest], -1)


class Attention(Pooling):
    """The mean weighted by α_t = softmax_t(v·tanh(W y_t + b)).

    The softmax is carried along: weights are relative to the largest score until now, and what was summed up
    is scaled down when a larger one comes (Milakov & Gimelshein 2018).
    """

    def shapes(self) -> Shapes:
        """Of W, b and v."""
        F = self.features
        score = Linear.shapes("pooling.score.", F, 1, bias=False)
        return {**Linear.shapes("pooling.hidden.", F, F), **score}

    def load(self, weights: Mapping[str, Floats]) -> None:
        """Take W, b and v."""
        self._hidden = Linear(weights, "pooling.hidden.")
        self._score = Linear(weights, "pooling.score.")

    def begin(self, n: int) -> State:
        """(n, F) the weighted sum, (n, 1) the sum of the weights, (n, 1) the largest score."""
        return np.zeros((n, self.features)), np.zeros((n, 1)), np.full((n, 1), -np.inf)

    def add(self, y: Floats, real: NDArray[np.bool_], state: State) -> State:
        """Add with its weight."""
        total, weight, highest = state
        score = self._score(np.tanh(self._hidden(y))).astype(np.float64)
        now = np.maximum(highest, score)
        before, this = np.exp(highest - now), np.exp(score - now)
        after = total * before + this * y, weight * before + this, now
        return tuple(np.where(real, new, old) for new, old in zip(after, state, strict=True))

    def vector(self, last: Floats, state: State) -> Floats:
        """Weighted sum by sum of weights."""
        total, weight, _ = state
        mean: Floats = (total / np.where(weight > 0, weight, 1)).astype(np.float32)
        return mean


POOLINGS: dict[str, type[Pooling]] = {
    "last": Last,
    "mean": Mean,
    "max": Max,
    "last+mean+max": LastMeanMax,
    "attention": Attention,
}


def pool(pooling: Pooling, y: Floats, lengths: NDArray[Any], state: State) -> State:
    """What is known after the steps y (T, B, F), of which each row has so many, (B,)."""
    for t, outputs in enumerate(y):
        state = pooling.add(outputs, (t < lengths)[:, None], state)
    return state
