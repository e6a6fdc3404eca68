"""A generator: what was asked for and what came so far in, the next step out."""

from typing import Any, cast

import numpy as np

from ostinato.data import (
    CLOCK_SIZE,
    SMALLEST_DEVIATION,
    ClassConditions,
    Conditions,
    Scaler,
    WrittenNumbers,
    WrittenTexts,
)
from ostinato.export._graph import BATCH, TIME, Graph
from ostinato.export._layers import (
    Lengths,
    array_of,
    initial_states,
    lengths_input,
    linear,
    run_layers,
    state_inputs,
    state_outputs,
)
from ostinato.export._real import times
from ostinato.export._steps import ids_input, restore, scaled_input, standardise, token_vectors
from ostinato.export._vocabulary import tokenizer_metadata
from ostinato.nn import ConditionalNetwork
from ostinato.tasks import Generator

_DOUBLE, _FLOAT = 11, 1


def generator(graph: Graph, model: Generator) -> dict[str, Any]:
    """Grow the graph of a fitted generator, and tell what goes with it.

    Where a row has read nothing yet it begins in the state that what is asked for gives; how much was read is
    part of the state, so that zeros are the beginning here too.
    """
    network = model.network_
    targets = cast("WrittenTexts | WrittenNumbers", model.targets_)
    given = _condition_input(graph, network, model.encoder_)
    before = graph.input("read_0", np.int64, [BATCH], "how many steps of each row were read before, or 0")
    first = graph("Equal", before, graph.integer(0))
    if isinstance(targets, WrittenTexts):
        x = token_vectors(graph, ids_input(graph, targets.ids), network.encoder, targets.ids)
    else:
        x = _numbers_input(graph, targets, before)
    lengths = lengths_input(graph, least=0)
    outputs = _run(graph, network, x, given, first, lengths)
    read = graph("Add", before, graph.integer(1) if lengths is None else lengths.int64)
    graph.output(read, "read_n", np.int64, [BATCH], "how many steps of each row have been read")
    return {**_give(graph, targets, outputs), **_conditions_metadata(model.encoder_)}


def _condition_input(graph: Graph, network: ConditionalNetwork, conditions: Conditions) -> str:
    """The vectors (B, C) that stand for what is asked for."""
    if isinstance(conditions, ClassConditions):
        what = "what is asked for, the same at every call: its number in `conditions`"
        given = graph.input("condition", np.int64, [BATCH], what)
        embedding: Any = network.condition_encoder
        return graph("Gather", array_of(embedding.weight), given, axis=0)
    what = "what is asked for, the same at every call, in the units of training"
    scaler: Scaler = cast("Any", conditions).scaler
    given = scaled_input(graph, "condition", scaler, [BATCH], what)
    layers: Any = network.condition_encoder
    return graph("Tanh", linear(graph, layers[0], given))


def _run(
    graph: Graph, network: ConditionalNetwork, x: str, c: str, first: str, lengths: Lengths | None
) -> str:
    """The network's outputs (T, B, K); states become inputs and outputs of the graph."""
    layers = network.recurrent
    state = _begin(graph, network, c, first, state_inputs(graph, layers))
    C = network.initial_state.in_features
    size = graph("Concat", graph("Shape", x, start=0, end=2), graph.ints(C), axis=0)
    steps = graph("Concat", x, graph("Expand", c, size), axis=2)
    y, state = run_layers(graph, layers, steps, lengths, state)
    state_outputs(graph, layers, state)
    return linear(graph, network.decoder, y)


def _begin(graph: Graph, network: ConditionalNetwork, c: str, first: str, given: list[str]) -> list[str]:
    """The states given, or, of rows that begin, tanh(W c + b)."""
    L, H = network.recurrent.num_layers, network.recurrent.hidden_size
    initial = initial_states(graph, linear(graph, network.initial_state, c), len(given), L, H)
    begins = graph("Unsqueeze", first, graph.ints(1))
    return [graph("Where", begins, begin, state) for begin, state in zip(initial, given, strict=True)]


def _numbers_input(graph: Graph, numbers: WrittenNumbers, before: str) -> str:
    """The input `x` as the network reads it: D numbers, a flag at the beginning, and a clock."""
    D = numbers.scaler.columns
    what = "the numbers before, in the units of training; a row's first step ever is not looked at"
    values = graph.input("x", np.float32, [TIME, BATCH, D], what)
    at = graph("Add", graph("Unsqueeze", times(graph, values), graph.ints(1)), before)
    at = graph("Unsqueeze", at, graph.ints(2))  # (T, B, 1)
    begins = graph("Equal", at, graph.integer(0))
    scaled = graph("Cast", standardise(graph, values, numbers.scaler), to=_FLOAT)
    scaled = graph("Where", begins, graph.constant(0.0), scaled)
    time = graph("Div", graph("Cast", at, to=_DOUBLE), np.array(numbers.longest, np.float64))
    time = graph("Cast", graph("Min", time, np.array(1.0)), to=_FLOAT)
    hands = np.arange(1, numbers.features - D).astype(np.float32) * np.float32(np.pi)
    clock = graph("Mul", graph("Cos", graph("Mul", time, hands)), graph.constant(CLOCK_SIZE))
    return graph("Concat", scaled, graph("Cast", begins, to=_FLOAT), clock, axis=2)


def _give(graph: Graph, targets: WrittenTexts | WrittenNumbers, outputs: str) -> dict[str, Any]:
    """What the outputs mean, as outputs of the graph."""
    if isinstance(targets, WrittenTexts):
        what = "a score for each token that may come next, the end's last; their softmax is its probability"
        graph.output(outputs, "logits", np.float32, [TIME, BATCH, targets.outputs], what)
        vocabulary = tokenizer_metadata(targets.tokenizer)
        return {"vocabulary": {**vocabulary, "end": targets.end, "begin": int(targets.begin)}}
    D = targets.scaler.columns
    sizes = graph.ints(D, D, 1)
    mean, spread, end = graph.several(3, "Split", outputs, sizes, axis=2)
    graph.output(
        restore(graph, mean, targets.scaler), "mean", np.float32, [TIME, BATCH, D], "of the next step"
    )
    deviation = graph("Add", graph("Softplus", spread), graph.constant(SMALLEST_DEVIATION))
    deviation = graph("Mul", deviation, targets.scaler.scale.astype(np.float32))
    what = "the standard deviation of each of the next step's numbers"
    graph.output(deviation, "deviation", np.float32, [TIME, BATCH, D], what)
    ends = graph("Sigmoid", graph("Squeeze", end, graph.ints(2)))
    what = "the probability that the sequence ends instead; a sequence has one step at least"
    graph.output(ends, "end", np.float32, [TIME, BATCH], what)
    return {"longest": targets.longest}


def _conditions_metadata(conditions: Conditions) -> dict[str, Any]:
    if isinstance(conditions, ClassConditions):
        return {"conditions": conditions.labels.classes.tolist()}
    return {}
