"""Scores as probabilities."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def softmax(logits: NDArray[Any]) -> NDArray[np.float64]:
    """exp(logits) in shares of their sum over the last axis, in float64, so that these sum to 1."""
    exponentials = np.exp(logits.astype(np.float64) - logits.max(-1, keepdims=True))
    shares: NDArray[np.float64] = exponentials / exponentials.sum(-1, keepdims=True)
    return shares


def log_sum_exp(scores: NDArray[Any], axis: int) -> NDArray[np.float64]:
    """Log Σ exp(scores) over an axis; finite wherever one of the scores is."""
    highest = scores.max(axis, keepdims=True)
    total = np.exp(scores - highest).sum(axis)
    logs: NDArray[np.float64] = np.log(total) + np.squeeze(highest, axis)
    return logs
