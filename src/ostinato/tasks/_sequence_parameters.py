"""What the parameters of a classifier, a regressor or a tagger may be, and the network they describe."""

from collections.abc import Mapping
from typing import Any

import torch

from ostinato._errors import InputError
from ostinato._memory import total_memory
from ostinato._parameters import NETWORK, TRAINING, Check, Choice, Real, Truth, Whole, check_parameters
from ostinato.data import IdEncoder, InputEncoder, VectorEncoder, learn_input_encoder
from ostinato.nn import (
    POOLINGS,
    ConditionalNetwork,
    EncoderDecoder,
    ForecastNetwork,
    FrameInput,
    SequenceNetwork,
    TaggingNetwork,
    TokenInput,
    VectorInput,
)
from ostinato.tasks._language_parameters import check_device

INPUTS: dict[str, Check] = {
    "tokens": Choice(["characters", "words", "subwords"]),
    "vocabulary_size": Whole(2, 2_000_000, optional=True),
    "input": Choice(["embedding", "one-hot"]),
    "embedding_size": Whole(1, 1 << 15),
    "embedding_dropout": Real(0.0, 0.95),
    "sample_rate": Whole(1000, 192_000, optional=True),
    "num_mels": Whole(1, 512),
    "frame_size": Whole(8, 512),
    "frames": Choice(["convolution", "pixels"]),
    "workers": Whole(1, 1024, optional=True),
    "on_corrupt": Choice(["error", "skip"]),
}
POOLED: dict[str, Check] = {"pooling": Choice(POOLINGS), "lowercase": Truth()}
EXAMPLES: dict[str, Check] = {**TRAINING, "epochs": Whole(1, 1_000_000, optional=True)}
SEQUENCE: dict[str, Check] = {**INPUTS, **NETWORK, "bidirectional": Truth(), **EXAMPLES}
MAY_DIFFER = {"threads", "device", "workers"}  # where a run goes on


def check_sequence_parameters(parameters: Mapping[str, Any], checks: Mapping[str, Check]) -> dict[str, Any]:
    """The parameters as plain values; `ParameterError` for the first one that will not do."""
    plain = check_parameters(parameters, checks)
    return {**plain, "device": check_device(parameters["device"])}


def learn_encoder(kind: str, inputs: Any, parameters: Mapping[str, Any]) -> InputEncoder:
    """The encoder of these inputs, learned from them."""
    names = ("tokens", "vocabulary_size", "sample_rate", "num_mels", "frame_size")
    lowercase = parameters.get("lowercase", False)
    # A window looks a little ahead, and has no label of its own.
    windows = "pooling" in parameters and parameters["bidirectional"]
    return learn_input_encoder(
        kind, inputs, lowercase=lowercase, windows=windows, **{name: parameters[name] for name in names}
    )


def build_network(parameters: Mapping[str, Any], encoder: InputEncoder, outputs: int) -> SequenceNetwork:
    """The network that these parameters describe, with weights drawn from torch's random numbers."""
    inputs = network_input(parameters, encoder)
    names = ("cell", "hidden_size", "num_layers", "bidirectional", "dropout", "embedding_dropout")
    layers = {name: parameters[name] for name in names}
    if "crf" in parameters:
        return TaggingNetwork(inputs, outputs, **layers, crf=parameters["crf"])
    return SequenceNetwork(inputs, outputs, **layers, pooling=parameters["pooling"])


def network_input(
    parameters: Mapping[str, Any], encoder: InputEncoder
) -> TokenInput | VectorInput | FrameInput:
    """What the network reads at each step."""
    if isinstance(encoder, IdEncoder):
        embedded = parameters["input"] == "embedding"
        return TokenInput(encoder.size, parameters["embedding_size"] if embedded else None)
    if len(encoder.element) == 3:
        return FrameInput(*encoder.element, how=parameters["frames"])
    size = encoder.element[0]
    if isinstance(encoder, VectorEncoder) and encoder.stride is not None:
        return VectorInput(size, encoder.stride.steps, encoder.stride.changes)
    return VectorInput(size)


def describe_network(parameters: Mapping[str, Any], encoder: InputEncoder, outputs: int) -> SequenceNetwork:
    """The same network without numbers in it: names and shapes, whatever their size, take no memory."""
    with torch.device("meta"):
        return build_network(parameters, encoder, outputs)


def check_memory(
    network: SequenceNetwork | ConditionalNetwork | EncoderDecoder | ForecastNetwork,
    parameters: Mapping[str, Any],
    longest: int,
) -> None:
    """Raise `InputError` if a step over the longest sequences cannot but take more memory than there is.

    Counted is only what is sure: weights, gradients and AdamW's two moments, and what a batch of the longest
    sequence and its shortest company makes.
    """
    weights = sum(p.numel() for p in network.parameters())
    numbers = 4 * weights + longest * network.numbers_per_step
    needed, there_is = 4 * numbers / 2**30, total_memory() / 2**30
    if parameters["device"] == "cpu" and needed > there_is:
        raise InputError(
            f"a sequence of {longest:,} steps takes at least {needed:,.1f} GiB of memory and there are "
            f"{there_is:,.1f}: cut it into shorter ones, or take a smaller hidden size"
        )
