"""Which steps are real, and what stands for those that are not."""

import numpy as np

from ostinato.export._graph import Graph
from ostinato.export._layers import Lengths


def count_steps(graph: Graph, x: str) -> str:
    """T of (T, B, …), a number without a dimension."""
    return graph("Squeeze", graph("Shape", x, start=0, end=1), graph.ints(0))


def times(graph: Graph, x: str) -> str:
    """(T,) 0, 1, … of (T, B, …)."""
    return graph("Range", graph.integer(0), count_steps(graph, x), graph.integer(1))


def real_steps(graph: Graph, x: str, lengths: Lengths) -> str:
    """(T, B) of bool: which steps of (T, B, …) are real."""
    return graph("Less", graph("Unsqueeze", times(graph, x), graph.ints(1)), lengths.int64)


def only_real(graph: Graph, y: str, lengths: Lengths | None, otherwise: float) -> str:
    """(T, B, F) with this number where a step is not real."""
    if lengths is None:
        return y
    real = graph("Unsqueeze", real_steps(graph, y, lengths), graph.ints(2))
    return graph("Where", real, y, graph.constant(otherwise, np.float32))
