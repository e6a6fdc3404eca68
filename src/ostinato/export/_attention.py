"""What a translator's decoder asks of what was read: attention, and a pointer that copies."""

import numpy as np

from ostinato.export._graph import Graph
from ostinato.export._layers import array_of, linear
from ostinato.export._real import count_steps
from ostinato.nn import Attention, Pointer

_LOWEST = float(np.finfo(np.float32).min)


def keys(graph: Graph, module: Attention | Pointer, memory: str) -> str:
    """W m_s of every step, (S, B, Q) of (S, B, M)."""
    return graph("MatMul", memory, np.ascontiguousarray(array_of(module.weight).T))


def attend(graph: Graph, queries: str, keys: str, memory: str, lengths: str) -> tuple[str, str]:
    """Contexts (T, B, M) and weights (T, B, S) of queries (T, B, Q)."""
    scores = _compare(graph, queries, keys)
    at = graph("Range", graph.integer(0), count_steps(graph, memory), graph.integer(1))
    real = graph("Less", graph("Unsqueeze", at, graph.ints(0)), graph("Unsqueeze", lengths, graph.ints(1)))
    weights = graph("Softmax", graph("Where", real, scores, graph.constant(float("-inf"))), axis=2)
    by_row = graph("MatMul", _swapped(graph, weights), _swapped(graph, memory))
    return _swapped(graph, by_row), weights


def copies(
    graph: Graph, pointer: Pointer, queries: str, contexts: str, keys: str, written: str, read: str, last: int
) -> str:
    """How likely each position is copied, (T, B, S).

    Args:
        graph: that grows.
        pointer: of the network.
        queries: (T, B, Q).
        contexts: (T, B, M).
        keys: (S, B, Q), of the pointer.
        written: (3 + T, B) the token before each step, and the three before the first of these.
        read: (S, B) ids, negative where nothing was read that could be written.
        last: the largest id, the beginning, which is not copied.
    """
    weight = array_of(pointer.agreement)
    agrees = _agreeing(graph, len(weight), written, read, count_steps(graph, queries))
    scores = _compare(graph, queries, keys)
    for n, agree in enumerate(agrees):
        scores = graph("Add", scores, graph("Mul", agree, weight[n]))
    rows = graph("Transpose", read, perm=[1, 0])  # (B, S)
    real = graph(
        "And", graph("GreaterOrEqual", rows, graph.integer(0)), graph("Less", rows, graph.integer(last))
    )
    weights = graph("Softmax", graph("Where", real, scores, graph.constant(_LOWEST)), axis=2)
    found = [graph("ReduceSum", graph("Mul", weights, agree), graph.ints(2)) for agree in agrees]
    gate = linear(graph, pointer.gate, graph("Concat", queries, contexts, *found, axis=2))
    something = graph(
        "ReduceMax", graph("Cast", real, to=1), axes=[1]
    )  # (B, 1): whether there is what to copy
    return graph("Mul", graph("Mul", weights, graph("Sigmoid", gate)), something)


def _agreeing(graph: Graph, offsets: int, written: str, read: str, T: str) -> list[str]:
    """For n from 1 to `offsets` (T, B, S): 1 where n tokens back the same was written and read, else 0."""
    agrees = []
    for n in range(1, offsets + 1):
        nothing = graph(
            "Expand", graph.integer(-1), graph("Concat", graph.ints(n), _batch(graph, read), axis=0)
        )
        padded = graph("Concat", nothing, read, axis=0)
        before = graph("Slice", padded, graph.ints(0), graph.ints(-n), graph.ints(0))
        before = graph("Transpose", before, perm=[1, 0])
        begin = graph.ints(offsets - n)
        told = graph("Slice", written, begin, graph("Add", begin, T), graph.ints(0))
        same = graph("Equal", graph("Unsqueeze", told, graph.ints(2)), before)
        agrees.append(
            graph("Cast", graph("And", same, graph("GreaterOrEqual", before, graph.integer(0))), to=1)
        )
    return agrees


def _batch(graph: Graph, read: str) -> str:
    """(1,): B of (S, B)."""
    return graph("Shape", read, start=1, end=2)


def _compare(graph: Graph, queries: str, keys: str) -> str:
    """(T, B, S) of queries (T, B, Q) and keys (S, B, Q)."""
    scores = graph("MatMul", _swapped(graph, queries), graph("Transpose", keys, perm=[1, 2, 0]))
    return _swapped(graph, scores)


def _swapped(graph: Graph, x: str) -> str:
    """(A, B, C) as (B, A, C)."""
    return graph("Transpose", x, perm=[1, 0, 2])
