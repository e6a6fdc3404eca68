"""Attention and copying, as `ostinato.nn.Attention` and `ostinato.nn._pointer.Pointer` compute them."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ostinato.runtime._linear import Floats, Linear, Shapes

OFFSETS = 4  # tokens back that are compared

_Ids = NDArray[np.int64]
_Truths = NDArray[np.bool_]


class Attention:
    """The general attention of Luong et al. (2015): contexts are means of a memory's steps.

    Args:
        weights: `weight` (Q, M), with its prefix.
    """

    prefix = "attention."

    def __init__(self, weights: Mapping[str, Floats]) -> None:
        self.weight = weights[self.prefix + "weight"]

    @classmethod
    def shapes(cls, query_size: int, memory_size: int) -> Shapes:
        """Of the weights, by name."""
        return {cls.prefix + "weight": (query_size, memory_size)}

    def keys(self, memory: Floats) -> Floats:
        """(S, B, Q) of a memory (S, B, M)."""
        return memory @ self.weight.T

    def __call__(self, queries: Floats, keys: Floats, memory: Floats, real: _Truths) -> tuple[Floats, Floats]:
        """Contexts (T, B, M), and the weight of each step, (T, B, S).

        Args:
            queries: (T, B, Q).
            keys: (S, B, Q).
            memory: (S, B, M).
            real: (S, B), which steps there are.
        """
        weights = _softmax(np.where(real.T, _products(queries, keys), -np.inf))
        contexts = np.matmul(weights.swapaxes(0, 1), memory.swapaxes(0, 1))
        return contexts.swapaxes(0, 1), weights


class Pointer:
    """Says how likely each position of what was read is copied (See et al. 2017).

    Args:
        weights: `weight` (Q, M), `agreement` (4,) and those of `gate`, with their prefix.
    """

    prefix = "pointer."

    def __init__(self, weights: Mapping[str, Floats]) -> None:
        self.weight, self.agreement = (weights[self.prefix + name] for name in ("weight", "agreement"))
        self.gate = Linear(weights, self.prefix + "gate.")

    @classmethod
    def shapes(cls, query_size: int, memory_size: int) -> Shapes:
        """Of the weights, by name."""
        return {
            cls.prefix + "weight": (query_size, memory_size),
            cls.prefix + "agreement": (OFFSETS,),
            **Linear.shapes(cls.prefix + "gate.", query_size + memory_size + OFFSETS, 1),
        }

    def keys(self, memory: Floats) -> Floats:
        """(S, B, Q) of a memory (S, B, M)."""
        return memory @ self.weight.T

    def __call__(
        self, queries: Floats, contexts: Floats, keys: Floats, written: _Ids, read: _Ids, real: _Truths
    ) -> Floats:
        """(T, B, S), of each step a probability for each position; the rest to 1: none is copied.

        Args:
            queries: (T, B, Q).
            contexts: (T, B, M).
            keys: (S, B, Q).
            written: (3 + T, B), the token before each step, and the three before the first of these.
            read: (S, B), negative where nothing was that could be written.
            real: (S, B), which positions may be copied.
        """
        agrees = _agreeing(written, read).astype(np.float32)
        scores = _products(queries, keys) + agrees @ self.agreement
        # Where nothing may be copied there is still a softmax, over what the gate then shuts out.
        weights = _softmax(np.where(real.T, scores, np.finfo(np.float32).min))
        found = (weights[..., None] * agrees).sum(2)
        copied = _sigmoid(self.gate(np.concatenate([queries, contexts, found], axis=-1)))
        copies: Floats = weights * copied * np.any(real, axis=0, keepdims=True).T
        return copies


def _agreeing(written: _Ids, read: _Ids) -> _Truths:
    """(T, B, S, 4) whether n tokens back the same was written at t and read at s."""
    T, S = len(written) - OFFSETS + 1, len(read)
    pairs = []
    for n in range(1, OFFSETS + 1):
        before = np.pad(read, ((n, 0), (0, 0)), constant_values=-1)[:S].T
        same = np.equal(written[OFFSETS - n :][:T, :, None], before)
        pairs.append(same & (before >= 0))
    return np.stack(pairs, axis=-1)


def _products(queries: Floats, keys: Floats) -> Floats:
    """(T, B, S) of queries (T, B, Q) with keys (S, B, Q)."""
    products: Floats = np.matmul(queries.swapaxes(0, 1), keys.transpose(1, 2, 0))
    return products.swapaxes(0, 1)


def _softmax(scores: Floats) -> Floats:
    exponentials = np.exp(scores - scores.max(-1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(-1, keepdims=True), np.float32)


def _sigmoid(x: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-x)), np.float32)
