"""Choosing the next token from its distribution."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ostinato._parameters import Check, Real, Whole, check_parameters

SAMPLING: dict[str, Check] = {
    "length": Whole(0, 1_000_000_000),
    "temperature": Real(0.0, 1e6),
    "top_k": Whole(1, 1_000_000_000, optional=True),
    "top_p": Real(0.0, 1.0, closed=False, optional=True),
    "seed": Whole(0, (1 << 63) - 1, optional=True),
}


def check_sampling(**options: Any) -> dict[str, Any]:
    """The options of writing as plain values; `ParameterError` for the first one that will not do."""
    return check_parameters(options, SAMPLING)


def sample(logits: NDArray[Any], **how: Any) -> int:
    """Draw one token id from logits (V,), as `sample_rows` does from those of many."""
    return int(sample_rows(logits[None], **how)[0])


def sample_rows(
    logits: NDArray[Any],
    *,
    temperature: float,
    top_k: int | None,
    top_p: float | None,
    generator: np.random.Generator,
) -> NDArray[np.int64]:
    """Draw a token id from each row of logits (B, V): (B,).

    Args:
        logits: scores; -inf for a token that must not come.
        temperature: the logits are divided by it; 0 takes the likeliest token.
        top_k: only the k likeliest tokens may come.
        top_p: only the smallest set of likeliest tokens whose probability reaches p may come (Holtzman 2020).
        generator: where the random numbers come from, one for each row.
    """
    if temperature == 0:
        likeliest: NDArray[np.int64] = logits.argmax(1)
        return likeliest
    # float64, and the maximum subtracted first: the tiniest temperature neither overflows nor is taken for 0.
    scores = logits.astype(np.float64)
    with np.errstate(over="ignore"):
        weights = np.exp((scores - scores.max(1, keepdims=True)) / temperature)
    if top_k is None and (top_p is None or top_p == 1):
        return _drawn(weights, generator)
    order = np.argsort(-scores, axis=1, kind="stable")
    weights = np.take_along_axis(weights, order, 1)
    if top_k is not None:
        weights[:, top_k:] = 0
    if top_p is not None and top_p < 1:
        before = weights.cumsum(1) - weights
        weights[before >= top_p * weights.sum(1, keepdims=True)] = 0
    return np.take_along_axis(order, _drawn(weights, generator)[:, None], 1)[:, 0]


def seeded(seed: int | None) -> np.random.Generator:
    """Random numbers: the same for the same seed, on any machine; others each time for None."""
    return np.random.Generator(np.random.PCG64(seed))


def _drawn(weights: NDArray[np.float64], generator: np.random.Generator) -> NDArray[np.int64]:
    """A column of each row (B, V), each as often as its weight says; never one of weight 0."""
    reached = weights.cumsum(1)
    aim = generator.random(len(weights)) * reached[:, -1]
    columns: NDArray[np.int64] = (reached <= aim[:, None]).sum(1)
    return columns
