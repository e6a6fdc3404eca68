"""What a language model's parameters may be, and the network they describe."""

from collections.abc import Mapping
from typing import Any

import torch

from ostinato._errors import InputError, one_line
from ostinato.nn import LanguageNetwork
from ostinato.tasks._parameters import NETWORK, TRAINING, Check, Choice, Whole, check_parameters

CHECKS: dict[str, Check] = {
    "tokens": Choice(["characters", "words", "subwords"]),
    "vocabulary_size": Whole(2, 10_000_000, optional=True),
    "input": Choice(["embedding", "one-hot"]),
    "embedding_size": Whole(1, 1 << 15),
    "window": Whole(1, 1 << 20),
    **NETWORK,
    **TRAINING,
}


def check_language_parameters(parameters: Mapping[str, Any]) -> None:
    """Raise `InputError` for the first parameter that will not do."""
    check_parameters(parameters, CHECKS)
    device = parameters["device"]
    try:
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError, TypeError) as error:
        raise InputError(f"device is {device!r}, which torch cannot use here: {one_line(error)}") from error


def build_network(parameters: Mapping[str, Any], vocabulary_size: int) -> LanguageNetwork:
    """The network that these parameters describe, with weights drawn from torch's random numbers."""
    return LanguageNetwork(
        vocabulary_size,
        cell=parameters["cell"],
        hidden_size=int(parameters["hidden_size"]),
        num_layers=int(parameters["num_layers"]),
        embedding_size=int(parameters["embedding_size"]) if parameters["input"] == "embedding" else None,
        dropout=float(parameters["dropout"]),
    )
