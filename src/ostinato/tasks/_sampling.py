"""Choosing the next token from its distribution."""

import torch
from torch import Tensor

from ostinato._errors import InputError


def check_sampling(temperature: float, top_k: int | None, top_p: float | None) -> None:
    """Refuse settings that mean nothing.

    Raises:
        InputError: temperature below 0 or not finite, top_k below 1, top_p outside (0, 1].
    """
    if not 0 <= temperature < float("inf"):
        raise InputError(f"temperature is {temperature}: it must be 0 (always the likeliest) or above")
    if top_k is not None and top_k < 1:
        raise InputError(f"top-k is {top_k}: it must be at least 1")
    if top_p is not None and not 0 < top_p <= 1:
        raise InputError(f"top-p is {top_p}: it must be above 0 and at most 1")


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
    # Subtracting the maximum first keeps a tiny temperature from overflowing.
    scores, order = ((logits - logits.max()) / temperature).sort(descending=True, stable=True)
    probabilities = scores.softmax(0)
    if top_k is not None:
        probabilities[top_k:] = 0
    if top_p is not None:
        before = probabilities.cumsum(0) - probabilities
        probabilities[before >= top_p * probabilities.sum()] = 0
    return int(order[torch.multinomial(probabilities, 1, generator=generator)])
