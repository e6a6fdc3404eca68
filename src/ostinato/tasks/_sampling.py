"""Choosing the next token from its distribution."""

from typing import Any

import torch
from torch import Tensor

from ostinato.tasks._parameters import Check, Real, Whole, check_parameters

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


def sample(
    logits: Tensor,
    *,
    temperature: float,
    top_k: int | None,
    top_p: float | None,
    generator: torch.Generator,
) -> int:
    """Draw one token id from logits (V,).

    Args:
        logits: scores; -inf for a token that must not come.
        temperature: the logits are divided by it; 0 takes the likeliest token.
        top_k: only the k likeliest tokens may come.
        top_p: only the smallest set of likeliest tokens whose probability reaches p may come (Holtzman 2020).
        generator: where the random number comes from.
    """
    if temperature == 0:
        return int(logits.argmax())
    # float64, and the maximum subtracted first: the tiniest temperature neither overflows nor is taken for 0.
    scores = logits.double()
    scores, order = ((scores - scores.max()) / temperature).sort(descending=True, stable=True)
    probabilities = scores.softmax(0)
    if top_k is not None:
        probabilities[top_k:] = 0
    if top_p is not None and top_p < 1:
        before = probabilities.cumsum(0) - probabilities
        probabilities[before >= top_p * probabilities.sum()] = 0
    return int(order[torch.multinomial(probabilities, 1, generator=generator)])
