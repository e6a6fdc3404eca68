"""A CRF's likeliest labelling, found in the graph."""

from typing import Any

import numpy as np

from ostinato.export._graph import Graph
from ostinato.export._layers import Lengths, array_of
from ostinato.export._real import real_steps, times
from ostinato.nn import LinearChainCRF


def crf_outputs(graph: Graph, crf: LinearChainCRF) -> None:
    """What scores neighbouring labels, for those who decode by themselves."""
    K = len(crf.start)
    for name, weight, shape, what in (
        ("crf_start", crf.start, [K], "the score of each label as a sequence's first"),
        ("crf_transitions", crf.transitions, [K, K], "the score of a label (row) before another (column)"),
        ("crf_end", crf.end, [K], "the score of each label as a sequence's last"),
    ):
        graph.output(graph.constant(array_of(weight)), name, np.float32, shape, what)


def likeliest_labels(graph: Graph, crf: LinearChainCRF, emissions: str, lengths: Lengths) -> str:
    """Viterbi's algorithm: (T, B) int64 of emissions (T, B, K), past a row's length without meaning."""
    first = graph("Equal", times(graph, emissions), graph.integer(0))
    real = graph("Unsqueeze", real_steps(graph, emissions, lengths), graph.ints(2))
    begin = graph("Expand", graph.constant(0), graph("Shape", emissions, start=1))
    best, came_from = graph.several(
        2, "Scan", begin, emissions, real, first, body=_forwards(graph, crf), num_scan_inputs=3
    )
    last = graph("ArgMax", graph("Add", best, array_of(crf.end)), axis=1, keepdims=1)
    _, labels = graph.several(
        2,
        "Scan",
        last,
        came_from,
        body=_backwards(graph),
        num_scan_inputs=1,
        scan_input_directions=[1],
        scan_output_directions=[1],
    )
    return graph("Squeeze", labels, graph.ints(2))


def _forwards(graph: Graph, crf: LinearChainCRF) -> Any:
    """One step of the best score of all labellings that end in a label, and which label came before."""
    body = graph.inner("forwards")
    K = len(crf.start)
    best, emission, real, first = body.takes("best", "emission", "real", "first")
    scores = body("Add", body("Unsqueeze", best, body.ints(2)), array_of(crf.transitions))
    reached = body("Where", first, array_of(crf.start), body("ReduceMax", scores, axes=[1], keepdims=0))
    # A row that has ended stays as it is, at its last label.
    after = body("Where", real, body("Add", reached, emission), best)
    before = body("Where", real, body("ArgMax", scores, axis=1, keepdims=0), np.arange(K))
    return body.gives(after, before)


def _backwards(graph: Graph) -> Any:
    """One step back along the best labelling, from a label (B, 1) at a time to the one before it."""
    body = graph.inner("backwards")
    label, came_from = body.takes("label", "came_from")
    before = body("GatherElements", came_from, label, axis=1)
    return body.gives(before, body("Identity", label))
