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
    """Draw one token id from logits (V,), as `sample_rows` does from those of many."""
    rows = sample_rows(logits[None], temperature=temperature, top_k=top_k, top_p=top_p, generator=generator)
    return int(rows)


def sample_rows(
    logits: Tensor,
    *,
    temperature: float,
    top_k: int | None,
    top_p: float | None,
    generator: torch.Generator,
) -> Tensor:
    """Draw a token id from each row of logits (B, V): (B,) int64.

    Args:
        logits: scores; -inf for a token that must not come.
        temperature: the logits are divided by it; 0 takes the likeliest token.
        top_k: only the k likeliest tokens may come.
        top_p: only the smallest set of likeliest tokens whose probability reaches p may come (Holtzman 2020).
        generator: where the random numbers come from.
    """
    if temperature == 0:
        return logits.argmax(1)
    # float64, and the maximum subtracted first: the tiniest temperature neither overflows nor is taken for 0.
    scores = logits.double()
    highest = scores.max(1, keepdim=True).values
    scores, order = ((scores - highest) / temperature).sort(descending=True, stable=True)
    probabilities = scores.softmax(1)
    if top_k is not None:
        probabilities[:, top_k:] = 0
    if top_p is not None and top_p < 1:
        before = probabilities.cumsum(1) - probabilities
        probabilities[before >= top_p * probabilities.sum(1, keepdim=True)] = 0
    return order.gather(1, torch.multinomial(probabilities, 1, generator=generator))[:, 0]


def seeded(seed: int | None) -> torch.Generator:
    """Random numbers: the same for the same seed, others each time for None."""
    generator = torch.Generator()
    if seed is None:
        generator.seed()
    else:
        generator.manual_seed(seed)
    return generator
