"""What the forward and the backward pass of a layer are both told, read and checked."""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError
from ostinato.kernels._arrays import Array, Shape, each, given, given_sequence
from ostinato.kernels._cells import KINDS, Kind, Weights
from ostinato.kernels._kept import Kept, kept_sizes
from ostinato.kernels._lengths import given_batch_sizes, given_lengths
from ostinato.kernels._states import State, state_names, state_shapes
from ostinato.kernels._weights import given_weights, wanted_weights, weight_sizes

Ids = NDArray[np.int64]
Entry = TypeVar("Entry")
Check = Callable[[str, Array, Shape], Array]

_FLOAT32, _INT64 = np.dtype(np.float32), np.dtype(np.int64)
_STATE_NAMES = {argument: state_names(argument) for argument in ("states", "finals", "dfinals", "dstates")}
_KEPT_NAMES = tuple(f"{field} of kept" for field in Kept._fields)


class Call(NamedTuple):
    """A layer's sizes and input, in the order in which csrc/bind.cpp reads them."""

    kind: int
    inputs: int
    hidden: int
    outputs: int
    steps: int
    rows: int
    directions: int
    threads: int
    x: Array | None
    ids: Ids | None
    embedding: Array | None
    lengths: Ids | None
    batch_sizes: Ids | None


class Problem:
    """The arguments that `forward` and `backward` share, and the shapes of the others that follow."""

    def __init__(
        self,
        kind: Kind,
        x: Array | Ids,
        states: Sequence[State],
        weights: Sequence[Weights],
        reverse: Sequence[bool],
        lengths: Ids | None,
        batch_sizes: Ids | None,
        embedding: Array | None,
        threads: int,
    ) -> None:
        D = len(weights)
        if not 1 <= D <= 2:
            raise ValueError(f"weights has {D} entries: give one for each direction, one or two")
        if lengths is not None and batch_sizes is not None:
            raise ValueError("lengths and batch_sizes are given: a batch is either padded or packed")
        if threads < 1:
            raise InputError(f"threads is {threads}: give at least 1")
        self._kind = kind
        self._sizes = sizes = weight_sizes(kind, weights[0])
        self.weights = tuple([given_weights(kind, sizes, w) for w in weights])
        self.reverse = self._by_direction("reverse", [bool(r) for r in reverse])
        vectors, ids = _vectors_or_ids(x)
        places = _places(x, is_vectors=ids is None, is_packed=batch_sizes is not None)
        T, B = places if batch_sizes is None else (len(batch_sizes), len(states[0][0]))
        self.y_shape = (*places, D * sizes.outputs)
        self._slots = math.prod(places)
        self._state_shapes = state_shapes(kind, B, sizes)
        self.states = self.each_state(given, "states", states)
        self.call = Call(
            KINDS[kind],
            *sizes,
            T,
            B,
            D,
            threads,
            None if vectors is None else given_sequence("x", vectors, (*places, sizes.inputs)),
            None if ids is None else np.require(ids, requirements="A"),
            None if embedding is None else _given_embedding(embedding, sizes.inputs, ids),
            None if lengths is None else given_lengths(lengths, T, B),
            None if batch_sizes is None else given_batch_sizes(batch_sizes, places[0], B),
        )

    def each_state(self, check: Check, argument: str, states: Sequence[State]) -> tuple[State, ...]:
        """Every direction's state."""
        names, shapes = _STATE_NAMES[argument], self._state_shapes
        return tuple([each(check, names, s, shapes) for s in self._by_direction(argument, states)])

    def each_kept(self, check: Check, kept: Sequence[Kept]) -> tuple[Kept, ...]:
        """What every direction keeps."""
        projected = self.weights[0][4] is not None
        shapes = kept_sizes(self._kind, self._slots, self._sizes.hidden, projected)
        return tuple([Kept(*each(check, _KEPT_NAMES, k, shapes)) for k in self._by_direction("kept", kept)])

    def each_gradient(self, dweights: Sequence[Weights]) -> tuple[Weights, ...]:
        """The gradients of every direction's parameters."""
        pairs = zip(self.weights, self._by_direction("dweights", dweights), strict=True)
        return tuple([wanted_weights(w, dw) for w, dw in pairs])

    def _by_direction(self, argument: str, entries: Sequence[Entry]) -> tuple[Entry, ...]:
        if len(entries) != len(self.weights):
            raise ValueError(
                f"{argument} has {len(entries)} entries, weights {len(self.weights)}: give one each"
            )
        return tuple(entries)


def _vectors_or_ids(x: Array | Ids) -> tuple[Array | None, Ids | None]:
    if not isinstance(x, np.ndarray):
        raise TypeError(f"x is a {type(x).__name__}: give a numpy array")
    if x.dtype == _FLOAT32:
        return cast(Array, x), None
    if x.dtype == _INT64:
        return None, cast(Ids, x)
    raise TypeError(f"x has dtype {x.dtype}: give float32 vectors, or int64 tokens")


def _places(x: Array | Ids, *, is_vectors: bool, is_packed: bool) -> Shape:
    """(T, B), or (N) of a packed batch."""
    places = x.shape[:-1] if is_vectors else x.shape
    if len(places) != (1 if is_packed else 2):
        due = "packed (N, I), or (N) of tokens" if is_packed else "(T, B, I), or (T, B) of tokens"
        raise ValueError(f"x has shape {x.shape}: give it {due}")
    if 0 in places:
        raise InputError(f"x has shape {x.shape}: a batch has at least one step of one row")
    return places


def _given_embedding(embedding: Array, inputs: int, ids: Ids | None) -> Array:
    if ids is None:
        raise ValueError("embedding is given, and x is vectors: it belongs to int64 tokens")
    if np.ndim(embedding) != 2 or not len(embedding):
        raise ValueError(f"embedding has shape {np.shape(embedding)}: give a matrix, a row for each token")
    return given("embedding", embedding, (len(embedding), inputs))
