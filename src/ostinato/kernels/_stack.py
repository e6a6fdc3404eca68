"""One time step of stacked layers, in one native call."""

from collections.abc import Sequence

import numpy as np

from ostinato._errors import InputError
from ostinato.kernels import _native
from ostinato.kernels._arrays import Array, check_array
from ostinato.kernels._cells import KINDS, Kind, Weights
from ostinato.kernels._precision import PRECISIONS, Precision, reduced
from ostinato.kernels._states import State
from ostinato.kernels._weights import given_weights, weight_sizes

_FLOAT32 = np.dtype(np.float32)


class Stack:
    """Stacked layers of one direction, packed for `step`: copies, in the kernels' own layout.

    They are packed for the instruction set in use, and stay with it.

    Args:
        kind: Which cell.
        layers: The weights of each layer, float32; each but the first reads what the one below puts out.
        precision: How the two large matrices of each layer are held: "float32", with the bits of `forward`;
            "bfloat16", with the bits of `forward` for the rounded weights; "int8", a scale for each row,
            where what they are multiplied with is rounded to 16 bits, and the sums are exact.

    Raises:
        InputError: There is no such precision.
        TypeError: A weight is not an array of float32.
        ValueError: The weights do not fit together.
    """

    def __init__(self, kind: Kind, layers: Sequence[Weights], precision: Precision = "float32") -> None:
        if precision not in PRECISIONS:
            raise InputError(f"precision is {precision!r}: choose one of {', '.join(PRECISIONS)}")
        first = weight_sizes(kind, layers[0])
        sizes = [first] + [first._replace(inputs=first.outputs)] * (len(layers) - 1)
        given = [given_weights(kind, s, w) for s, w in zip(sizes, layers, strict=True)]
        held = tuple(reduced(weights, precision) for weights in given)
        self._native = _native.Stack(KINDS[kind], PRECISIONS[precision], *first, held)
        self._inputs, self._depth = first.inputs, len(layers)
        self._widths = (first.outputs, first.hidden) if kind == "lstm" else (first.outputs,)

    def initial_state(self, batch: int) -> State:
        """Zeros: `(h,)` or `(h, c)`, (L, B, R) and (L, B, H)."""
        return tuple([np.zeros((self._depth, batch, width), _FLOAT32) for width in self._widths])

    def step(
        self, x: Array, state: State | None = None, out: tuple[Array, State] | None = None
    ) -> tuple[Array, State]:
        """One time step of any number of rows: the bits that `forward` gives, layer upon layer.

        Several threads may step at once with the same layers. A step of more than a million multiply-adds
        lets other Python threads run meanwhile; a shorter one is over before they could.

        Args:
            x: (B, I), or (I,) of a single row; float32. Rows may lie apart.
            state: What an earlier step returned, (L, B, R) and (L, B, H), of a single row with B = 1; None:
                zeros.
            out: What an earlier step of as many rows returned, to be written over: then nothing is allocated.
                Its state may be `state` itself, which is then moved on in place.

        Returns:
            y, (B, R) or (R,), the last layer's h; and the state after the step.

        Raises:
            InputError: A shape or a type is wrong; an output is read-only, not contiguous, or overlaps
                something.
        """
        if out is None:
            out = self._room(x)
        if state is None:
            state = self._initial(x)
        if not self._native.step(x, state, out):
            x, state = self._given(x, state)
            self._check_output(x, out)
            if not self._native.step(x, state, out):
                raise InputError("out overlaps x or state in memory: give it arrays of its own")
        return out

    def _room(self, x: Array) -> tuple[Array, State]:
        """Arrays to write to."""
        shape = x.shape if type(x) is np.ndarray else ()
        rows = shape[0] if len(shape) == 2 else 1
        R = self._widths[0]
        y = np.empty((rows, R) if len(shape) == 2 else R, _FLOAT32)
        return y, tuple([np.empty((self._depth, rows, width), _FLOAT32) for width in self._widths])

    def _initial(self, x: Array) -> State:
        return self.initial_state(len(x) if np.ndim(x) == 2 else 1)

    # Below is what takes time, and is only asked if the arrays are not what native code takes as they are.

    def _given(self, x: Array, state: State) -> tuple[Array, State]:
        """Inputs, dense."""
        check_array("x", x)
        if x.ndim not in (1, 2) or x.shape[-1] != self._inputs or not x.size:
            raise InputError(f"x has shape {x.shape}: give (B, {self._inputs}), or ({self._inputs},)")
        return _dense(x), self._each("state", state, len(x) if x.ndim == 2 else 1)

    def _check_output(self, x: Array, out: tuple[Array, State]) -> None:
        if not isinstance(out, tuple) or len(out) != 2:
            raise InputError("out is not (y, state): give what an earlier step returned")
        y, state = out
        check_array("y of out", y, (*x.shape[:-1], self._widths[0]))
        self._each("out", state, len(x) if x.ndim == 2 else 1)
        for array in (y, *state):
            if not array.flags.carray or type(array) is not np.ndarray or array.dtype is not _FLOAT32:
                raise InputError("an array of out is read-only or not contiguous: give what a step returned")

    def _each(self, argument: str, state: State, rows: int) -> State:
        if not isinstance(state, tuple) or len(state) != len(self._widths):
            letters = "h, c" if len(self._widths) == 2 else "h,"
            raise InputError(f"the state of {argument} is not ({letters}): give what a step returned")
        for letter, array, width in zip("hc", state, self._widths, strict=False):
            check_array(f"{letter} of {argument}", array, (self._depth, rows, width))
        return tuple([_dense(array) for array in state])


def _dense(array: Array) -> Array:
    """As numpy's own type and dtype, so that native code knows it."""
    return np.require(array, _FLOAT32, ["C", "A", "E"]).view(_FLOAT32)
