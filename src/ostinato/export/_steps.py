"""What stands before the recurrent layers: tokens, scaled numbers or frames as vectors."""

import numpy as np
from numpy.typing import NDArray
from torch import nn

from ostinato.data import Scaler
from ostinato.export._graph import BATCH, TIME, Graph
from ostinato.export._layers import array_of

_DOUBLE, _FLOAT = 11, 1


def token_vectors(graph: Graph, ids: str, embedding: nn.Module | None, vocabulary: int) -> str:
    """Ids (T, B) as vectors: rows of the embedding, or one-hot ones."""
    if isinstance(embedding, nn.Embedding):
        return graph("Gather", array_of(embedding.weight), ids, axis=0)
    return graph("OneHot", ids, graph.integer(vocabulary), graph.constant([0, 1], np.float32), axis=-1)


def ids_input(graph: Graph, vocabulary: int) -> str:
    """The input `ids`, (T, B)."""
    what = f"token ids, 0 to {vocabulary - 1}: places in the vocabulary; any of them where a row has ended"
    return graph.input("ids", np.int64, [TIME, BATCH], what)


def scaled_input(graph: Graph, name: str, scaler: Scaler, shape: list[int | str], what: str) -> str:
    """The input (…, columns) in its own units, and from there as a network reads it, (…, features)."""
    values = graph.input(name, np.float32, [*shape, scaler.columns], f"{what}; NaN where a value is missing")
    return scale(graph, values, scaler)


def scale(graph: Graph, values: str, scaler: Scaler) -> str:
    """`Scaler.transform`, in double precision as there, for means may be far from 0."""
    missing = graph("IsNaN", values)
    scaled = graph("Where", missing, _double(0.0), standardise(graph, values, scaler))
    scaled = graph("Cast", graph("Clip", scaled, _double(-scaler.limit), _double(scaler.limit)), to=_FLOAT)
    if not scaler.gaps.any():
        return scaled
    gaps = graph(
        "Gather", graph("Cast", missing, to=_FLOAT), graph.ints(*np.flatnonzero(scaler.gaps)), axis=-1
    )
    return graph("Concat", scaled, gaps, axis=-1)


def standardise(graph: Graph, values: str, scaler: Scaler) -> str:
    """Numbers (…, columns) less their mean, by their deviation, in double precision."""
    numbers = graph("Cast", values, to=_DOUBLE)
    return graph("Div", graph("Sub", numbers, _double(scaler.mean)), _double(scaler.scale))


def restore(graph: Graph, scaled: str, scaler: Scaler) -> str:
    """`Scaler.restore`: (…, columns) in their own units."""
    numbers = graph("Mul", graph("Cast", scaled, to=_DOUBLE), _double(scaler.scale))
    return graph("Cast", graph("Add", numbers, _double(scaler.mean)), to=_FLOAT)


def _double(values: NDArray[np.float64] | float) -> NDArray[np.float64]:
    return np.asarray(values, np.float64)
