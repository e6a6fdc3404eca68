"""What streams say, as JSON can say it."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ostinato.data import Tokenizer

_MOST = 10  # answers that are told of a distribution


def as_float(number: Any) -> float | None:
    """A number; None where it is not finite."""
    value = float(number)
    return value if np.isfinite(value) else None


def likeliest(probabilities: NDArray[Any]) -> list[int]:
    """Where the largest of them are, the largest first."""
    order: list[int] = (-probabilities).argsort(kind="stable")[:_MOST].tolist()
    return order


def likeliest_tokens(tokenizer: Tokenizer, probabilities: NDArray[Any]) -> list[dict[str, Any]]:
    """The tokens that are likeliest by (V,), and how likely."""
    return [
        {"id": i, "token": tokenizer.decode([i]), "probability": as_float(probabilities[i])}
        for i in likeliest(probabilities)
    ]
