"""What a language model's parameters may be, and the network they describe."""

from collections.abc import Mapping
from typing import Any

import torch

from ostinato._errors import InputError, ParameterError, one_line
from ostinato._memory import total_memory
from ostinato._parameters import NETWORK, TRAINING, Check, Choice, Whole, check_parameters
from ostinato.nn import LanguageNetwork

CHECKS: dict[str, Check] = {
    "tokens": Choice(["characters", "words", "subwords"]),
    "vocabulary_size": Whole(2, 2_000_000, optional=True),
    "input": Choice(["embedding", "one-hot"]),
    "embedding_size": Whole(1, 1 << 15),
    "window": Whole(1, 1 << 20),
    **NETWORK,
    **TRAINING,
}

LEARNING_RATES = {"rnn": 0.004, "lstm": 0.007, "gru": 0.004}  # what suits each cell, found on one novel


def check_language_parameters(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters as plain values; `ParameterError` for the first one that will not do."""
    plain = check_parameters(parameters, CHECKS)
    return {**plain, "device": check_device(parameters["device"])}


def check_device(device: Any) -> str:
    """The device's name; `ParameterError` unless torch can compute there."""
    try:
        kind = torch.device(device).type
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError, TypeError) as error:
        raise ParameterError(
            "device", f"is {device!r}, which torch cannot use here ({one_line(error)}): use cpu"
        ) from error
    if kind == "meta":
        raise ParameterError("device", "is 'meta', on which nothing is computed: use cpu")
    return str(device)


def build_network(parameters: Mapping[str, Any], vocabulary_size: int) -> LanguageNetwork:
    """The network that these parameters describe, with weights drawn from torch's random numbers."""
    return LanguageNetwork(
        vocabulary_size,
        cell=parameters["cell"],
        hidden_size=parameters["hidden_size"],
        num_layers=parameters["num_layers"],
        embedding_size=parameters["embedding_size"] if parameters["input"] == "embedding" else None,
        dropout=parameters["dropout"],
    )


def describe_network(parameters: Mapping[str, Any], vocabulary_size: int) -> LanguageNetwork:
    """The same network without numbers in it: names and shapes, whatever their size, take no memory."""
    with torch.device("meta"):
        return build_network(parameters, vocabulary_size)


def check_memory(parameters: Mapping[str, Any], vocabulary_size: int, tokens: int) -> None:
    """Raise `InputError` if training on so many tokens cannot but take more memory than there is.

    Counted is only what is sure: weights, gradients and AdamW's two moments; inputs, gates, states, scores
    and the scores' gradients of a window, each float32.
    """
    network = describe_network(parameters, vocabulary_size)
    weights = sum(p.numel() for p in network.parameters())
    a_window = min(tokens, parameters["batch_size"] * parameters["window"])
    numbers = 4 * weights + a_window * (network.numbers_per_token + vocabulary_size)
    needed, there_is = 4 * numbers / 2**30, total_memory() / 2**30
    if parameters["device"] == "cpu" and needed > there_is:
        raise InputError(
            f"training this model takes at least {needed:,.1f} GiB of memory and there are {there_is:,.1f}: "
            f"take a smaller hidden size, vocabulary, batch or window, or fewer layers"
        )
