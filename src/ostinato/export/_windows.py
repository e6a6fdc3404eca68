"""Windows of a series of numbers, as `ostinato.nn` reads them."""

from collections.abc import Sequence

import numpy as np

from ostinato.export._graph import Graph
from ostinato.export._layers import Lengths
from ostinato.export._real import times

_LIMIT = 10.0  # standard deviations, of what changes


def windows(
    graph: Graph, x: str, lengths: Lengths, stride: int, changes: Sequence[float]
) -> tuple[str, Lengths]:
    """Steps (T, B, D) to windows (⌈T / stride⌉, B, 4·stride·D), and their lengths.

    Each window has the 2·stride steps around its middle and how they changed over `stride` steps. Beyond a
    row's ends its first and its last step go on.
    """
    at = times(graph, x)
    rows = graph("Transpose", x, perm=[1, 0, 2])  # (B, T, D): indices differ from row to row
    past = _steps(graph, rows, graph("Sub", at, graph.integer(stride)), lengths)
    changed = graph("Div", graph("Sub", rows, past), graph.constant(changes, np.float32))
    limits = (graph.constant(limit, np.float32) for limit in (-_LIMIT, _LIMIT))
    steps = graph("Concat", rows, graph("Clip", changed, *limits), axis=2)
    size = graph.ints(np.iinfo(np.int64).max)
    starts = graph("Slice", at, graph.ints(0), size, graph.ints(0), graph.ints(stride))
    around = graph.constant(np.arange(-stride, stride) + stride // 2, np.int64)
    indices = graph(
        "Reshape", graph("Add", graph("Unsqueeze", starts, graph.ints(1)), around), graph.ints(-1)
    )
    read = _steps(graph, steps, indices, lengths)
    joined = graph("Reshape", read, graph.ints(0, -1, 4 * stride * len(changes)))
    count = graph("Add", lengths.int64, graph.integer(stride - 1))
    count = graph("Div", count, graph.integer(stride))
    return graph("Transpose", joined, perm=[1, 0, 2]), Lengths(count, graph("Cast", count, to=6))


def _steps(graph: Graph, rows: str, at: str, lengths: Lengths) -> str:
    """The steps (B, N, D) of rows (B, T, D) at times (N,), those beyond a row's ends being its ends."""
    last = graph("Unsqueeze", graph("Sub", lengths.int64, graph.integer(1)), graph.ints(1))
    indices = graph("Min", graph("Max", at, graph.integer(0)), last)
    return graph("GatherND", rows, graph("Unsqueeze", indices, graph.ints(2)), batch_dims=1)
