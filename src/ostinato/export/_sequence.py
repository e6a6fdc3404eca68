"""A classifier or a regressor: a sequence in, what the whole of it is out."""

from typing import Any

import numpy as np

from ostinato._errors import InputError
from ostinato.export._frames import frames_input
from ostinato.export._graph import BATCH, TIME, Graph
from ostinato.export._layers import (
    Lengths,
    last_state,
    lengths_input,
    linear,
    run_layers,
    state_inputs,
    state_outputs,
)
from ostinato.export._pooling import pool
from ostinato.export._steps import ids_input, restore, scaled_input, token_vectors
from ostinato.export._vocabulary import encoder_metadata
from ostinato.export._windows import windows
from ostinato.nn import FrameInput, SequenceNetwork, TokenInput, VectorInput
from ostinato.tasks import Classifier, Regressor


def classifier(graph: Graph, model: Classifier) -> dict[str, Any]:
    """Grow the graph of a fitted classifier, and tell what goes with it."""
    K = len(model.classes_)
    logits, _ = sequence_scores(graph, model.network_, model.encoder_)
    graph.output(logits, "logits", np.float32, [BATCH, K], "a score for each class")
    what = "the probability of each class, in the order of `labels`"
    graph.output(graph("Softmax", logits, axis=-1), "probabilities", np.float32, [BATCH, K], what)
    return {"labels": model.classes_.tolist(), **encoder_metadata(model.encoder_)}


def regressor(graph: Graph, model: Regressor) -> dict[str, Any]:
    """Grow the graph of a fitted regressor, and tell what goes with it."""
    scaler = model.targets_.scaler
    scores, _ = sequence_scores(graph, model.network_, model.encoder_)
    values = restore(graph, scores, scaler)
    what = "the numbers of each row, in the units of training"
    graph.output(values, "values", np.float32, [BATCH, scaler.columns], what)
    return encoder_metadata(model.encoder_)


def sequence_scores(graph: Graph, network: SequenceNetwork, encoder: Any) -> tuple[str, Lengths | None]:
    """The outputs of a network that reads sequences, (B, K) with pooling and (T, B, K) without; and lengths.

    Raises:
        InputError: a single step is wanted of a network that needs whole sequences.
    """
    if graph.step:
        _check_causal(network)
    lengths = lengths_input(graph)
    x, steps = _vectors(graph, network, encoder, lengths)
    if not is_causal(network):
        y, state = run_layers(graph, network.recurrent, x, steps)
    else:
        y, state = run_layers(graph, network.recurrent, x, steps, state_inputs(graph, network.recurrent))
        state_outputs(graph, network.recurrent, state)
    if network.pooling is not None:
        last = last_state(graph, network.recurrent, state[0])
        y = pool(graph, network.pooling, y, last, steps, causal=is_causal(network))
    return linear(graph, network.decoder, y), lengths


def is_causal(network: SequenceNetwork) -> bool:
    """Whether reading can go on where it stopped."""
    return _hindrance(network) is None


def _check_causal(network: SequenceNetwork) -> None:
    if (hindrance := _hindrance(network)) is not None:
        why, instead = hindrance
        raise InputError(
            f"the model {why}, so that a step says nothing by itself: train one with {instead}, or export "
            f"this one whole, without --step"
        )


def _hindrance(network: SequenceNetwork) -> tuple[str, str] | None:
    """Why a network needs whole sequences, if so, and with which option another would not."""
    if network.recurrent.bidirectional:
        return "reads backwards too", "--causal (bidirectional=False)"
    if _is_windowed(network):
        return "reads windows", "--causal (bidirectional=False)"
    if network.pooling is not None and network.pooling.how == "attention":
        return "attends to all steps", "--pooling last (or mean, max, last+mean+max)"
    return None


def _is_windowed(network: SequenceNetwork) -> bool:
    return isinstance(network.inputs, VectorInput) and network.inputs.stride is not None


def _vectors(
    graph: Graph, network: SequenceNetwork, encoder: Any, lengths: Lengths | None
) -> tuple[str, Lengths | None]:
    """What the recurrent layers read, and how long."""
    inputs = network.inputs
    if isinstance(inputs, TokenInput):
        V = inputs.vocabulary_size
        return token_vectors(graph, ids_input(graph, V), network.encoder, V), lengths
    if isinstance(inputs, FrameInput):
        return frames_input(graph, network, inputs), lengths
    what = "log-mel bands, as `recordings` says" if encoder.kind == "audio" else "numbers, as in training"
    x = scaled_input(graph, "x", encoder.scaler, [TIME, BATCH], what)
    if lengths is not None and inputs.stride is not None:
        return windows(graph, x, lengths, inputs.stride, inputs.changes)
    return x, lengths
