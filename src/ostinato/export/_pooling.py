"""Pooling over time, which a causal model can go on with from call to call."""

import numpy as np

from ostinato.export._graph import BATCH, Graph
from ostinato.export._layers import Lengths, linear
from ostinato.export._real import only_real
from ostinato.nn import Pooling

_LOWEST = float("-inf")


def pool(graph: Graph, pooling: Pooling, y: str, last: str, lengths: Lengths | None, *, causal: bool) -> str:
    """Outputs (T, B, F) to a vector for each row, (B, F').

    The count, the sum and the maximum of a causal model's steps so far are inputs and outputs of the graph,
    as the layers' state is: zeros at the beginning.

    Args:
        graph: that grows.
        pooling: how.
        y: (T, B, F).
        last: (B, F) the last real step, forwards, and the first one, backwards.
        lengths: of the rows; None: there is one step.
        causal: whether to go on from the call before.
    """
    if pooling.how == "last":
        return last
    if pooling.how == "attention":
        return _attend(graph, pooling, y, lengths)
    F = pooling.out_features // (3 if pooling.how == "last+mean+max" else 1)
    before = _before(graph) if causal else None
    count = _count(graph, before, lengths)
    parts = {"last": last}
    if pooling.how != "max":
        total = _sum(graph, y, lengths, F, causal)
        parts["mean"] = graph("Div", total, graph("Unsqueeze", graph("Cast", count, to=1), graph.ints(1)))
    if pooling.how != "mean":
        parts["max"] = _max(graph, y, lengths, F, before)
    wanted = [parts[how] for how in pooling.how.split("+")]
    return wanted[0] if len(wanted) == 1 else graph("Concat", *wanted, axis=1)


def _before(graph: Graph) -> str:
    return graph.input("steps_0", np.int64, [BATCH], "how many steps of each row were read before")


def _count(graph: Graph, before: str | None, lengths: Lengths | None) -> str:
    """(B,) the steps of each row so far."""
    now = graph.integer(1) if lengths is None else lengths.int64
    if before is None:
        return now
    count = graph("Add", before, now)
    graph.output(count, "steps_n", np.int64, [BATCH], "how many steps of each row have been read")
    return count


def _sum(graph: Graph, y: str, lengths: Lengths | None, F: int, causal: bool) -> str:
    total = graph("ReduceSum", only_real(graph, y, lengths, 0.0), graph.ints(0), keepdims=0)
    if causal:
        earlier = graph.input("sum_0", np.float32, [BATCH, F], "the sum over the steps read before")
        total = graph("Add", earlier, total)
        graph.output(total, "sum_n", np.float32, [BATCH, F], "the sum over the steps so far")
    return total


def _max(graph: Graph, y: str, lengths: Lengths | None, F: int, before: str | None) -> str:
    highest = graph("ReduceMax", only_real(graph, y, lengths, _LOWEST), axes=[0], keepdims=0)
    if before is not None:
        earlier = graph.input("max_0", np.float32, [BATCH, F], "the maximum over the steps read before")
        first = graph("Unsqueeze", graph("Equal", before, graph.integer(0)), graph.ints(1))
        highest = graph("Where", first, highest, graph("Max", earlier, highest))
        graph.output(highest, "max_n", np.float32, [BATCH, F], "the maximum over the steps so far")
    return highest


def _attend(graph: Graph, pooling: Pooling, y: str, lengths: Lengths | None) -> str:
    """The mean weighted by α_t = softmax_t(v·tanh(W y_t + b))."""
    y = only_real(graph, y, lengths, 0.0)
    scores = linear(graph, pooling.score, graph("Tanh", linear(graph, pooling.hidden, y)))
    weights = graph("Softmax", only_real(graph, scores, lengths, _LOWEST), axis=0)
    return graph("ReduceSum", graph("Mul", weights, y), graph.ints(0), keepdims=0)
