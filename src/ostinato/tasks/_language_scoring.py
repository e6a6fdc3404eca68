"""How well a language network foresees a text."""

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import cross_entropy

from ostinato.nn import LanguageNetwork
from ostinato.training import State

_SEGMENTS = 64  # read side by side, as a step over 64 rows costs little more than over one
_SHORTEST = 512  # tokens; a shorter text is cut into fewer segments
_BURN_IN = 256  # tokens read before a segment, unscored, so that it does not start from nothing
_AT_A_TIME = 1 << 23  # numbers computed, gates and scores together


@torch.no_grad()
def score_tokens(network: LanguageNetwork, ids: NDArray[Any], start: int) -> dict[str, float]:
    """Mean loss and accuracy on ids[start:], each token foreseen from those before it.

    The text is cut into segments that are read side by side. Each token is scored once, and each segment is
    read from 257 tokens before it on, those before `start` included. The very first token of a text has
    nothing before it and is not scored.

    Args:
        network: the model; put into evaluation mode and back.
        ids: (N,) integers.
        start: where to begin.

    Returns:
        `loss` in nats per token, `accuracy` (the share of tokens that were the likeliest one) and `tokens`,
        the number scored.
    """
    training = network.training
    network.eval()
    device = next(network.parameters()).device
    first = max(start, 1)
    count = len(ids) - first
    tokens = max(1, _AT_A_TIME // network.numbers_per_token)
    segments = max(1, min(_SEGMENTS, count // _SHORTEST, tokens))
    window = tokens // segments
    length = -(-count // segments)
    starts = first + length * np.arange(segments)
    state = _burn_in(network, ids, starts, window)
    loss, right = 0.0, 0
    for begin in range(0, length, window):
        positions = starts + np.arange(begin, min(begin + window, length))[:, None]  # (T, segments)
        within = torch.from_numpy(positions < len(ids)).to(device)
        positions = np.minimum(positions, len(ids) - 1)
        logits, state = network(_take(ids, positions - 1, device), state)
        targets = _take(ids, positions, device)[within]
        logits = logits[within]
        loss += cross_entropy(logits, targets, reduction="sum").item()
        right += int((logits.argmax(-1) == targets).sum())
    network.train(training)
    return {"loss": loss / count, "accuracy": right / count, "tokens": count}


def language_figures(scores: dict[str, float], characters: int) -> dict[str, float]:
    """Loss, perplexity, bits per character and accuracy of a text of so many characters."""
    loss = scores["loss"]
    return {
        "loss": loss,
        "perplexity": math.exp(min(loss, 700.0)),
        "bits_per_character": loss * scores["tokens"] / math.log(2) / max(1, characters),
        "accuracy": scores["accuracy"],
    }


def _burn_in(network: LanguageNetwork, ids: NDArray[Any], starts: NDArray[Any], window: int) -> State:
    """Each segment's state after the tokens before it, but for the last one: that is its first input."""
    first = _state_before(network, ids, starts[:1], window)  # there may be fewer tokens before this one
    if len(starts) == 1:
        return first
    others = _state_before(network, ids, starts[1:], window)
    first = first or tuple(torch.zeros_like(tensor[:, :1]) for tensor in others)
    return tuple(torch.cat(pair, 1) for pair in zip(first, others, strict=True))


def _state_before(network: LanguageNetwork, ids: NDArray[Any], starts: NDArray[Any], window: int) -> State:
    device = next(network.parameters()).device
    size = int(min(_BURN_IN, starts[0] - 1))
    state: State = ()
    for begin in range(0, size, window):
        positions = starts - 1 - size + np.arange(begin, min(begin + window, size))[:, None]
        _, state = network.read(_take(ids, positions, device), state)
    return state


def _take(ids: NDArray[Any], positions: NDArray[Any], device: torch.device) -> Tensor:
    """The ids at these positions, (T, segments) int64."""
    return torch.from_numpy(ids[positions].astype(np.int64)).to(device)
