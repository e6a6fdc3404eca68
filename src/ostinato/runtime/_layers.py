"""RNN, LSTM and GRU on numpy arrays: one time step at a time, or whole sequences.

Letters: T steps, B rows, I inputs, H hidden units, L layers, D directions, R what a direction puts out in a
step: H, or the size of the LSTM's projection.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self, cast

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError
from ostinato.kernels import Kind, Stack, Weights, check_array, forward, given_lengths, round_bfloat16
from ostinato.kernels import Precision as Precision
from ostinato.runtime._layer_weights import read_arrays, read_stack
from ostinato.runtime._run_by_steps import run_direction

Floats = NDArray[np.float32]
Ids = NDArray[np.int64]
State = tuple[Floats, ...]
"""`(h,)`, or `(h, c)` of the LSTM: (L·D, B, R) and (L·D, B, H), as PyTorch stacks them."""


class Layers:
    """What the three have in common: stacked layers of one cell.

    A value that is NaN goes through, into every number that depends on it.

    Args:
        weights: The parameters by PyTorch's names, `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0`,
            `bias_hh_l0`, `…_l1`; `…_reverse` of a backward direction; or a cell's, without `_l0`. Of any
            floating-point type. All sizes are theirs; biases may be absent. They are copied.
        prefix: What comes before each name, with its dot. Other names are not looked at.
        precision: How the two large matrices of each layer are held. "float32": as they are. "bfloat16":
            rounded to 8 significant bits; sums are float32. "int8": rounded to 8 bits with a scale for each
            row, and what they are multiplied with to 16 bits with one scale; sums are exact; a number that
            is not finite makes all of them NaN. Biases and projections are float32 always.

    Attributes:
        input_size: I.
        hidden_size: H.
        num_layers: L.
        bidirectional: Whether D is 2.
        proj_size: The size of the projection, or 0.
        output_size: D·R, the width of y.

    Raises:
        InputError: A parameter is missing, or they do not fit together.
    """

    _kind: Kind

    def __init__(
        self, weights: Mapping[str, NDArray[Any]], *, prefix: str = "", precision: Precision = "float32"
    ) -> None:
        stack = read_stack(self._kind, weights, prefix)
        self._layers = [tuple(_rounded(w, precision) for w in layer) for layer in stack.layers]
        self.input_size, self.hidden_size = stack.inputs, stack.hidden
        self.num_layers, directions = len(stack.layers), len(stack.layers[0])
        self.bidirectional = directions == 2
        self.proj_size = 0 if stack.outputs == stack.hidden else stack.outputs
        self.output_size = directions * stack.outputs
        self._widths = (stack.outputs, stack.hidden) if self._kind == "lstm" else (stack.outputs,)
        layers = [layer[0] for layer in self._layers]
        self._stack = None if self.bidirectional else Stack(self._kind, layers, precision)
        self._by_steps: list[list[Stack]] = []
        if precision == "int8":  # whose arithmetic is that of steps alone
            self._by_steps = [[Stack(self._kind, [w], precision) for w in layer] for layer in self._layers]

    @classmethod
    def from_file(
        cls, path: str | Path, *, prefix: str = "", precision: Precision = "float32", **options: Any
    ) -> Self:
        """The layers of a safetensors file, which may hold other arrays too.

        Args:
            path: The file.
            prefix: As the class's.
            precision: As the class's.
            options: Whatever else the class takes.

        Raises:
            InputError: As the class; or the file cannot be read, or is damaged.
        """
        arrays = read_arrays(Path(path), prefix)
        if not arrays:
            raise InputError(f"{path} has no {prefix}weight_ih_l0: give the prefix of the layer")
        return cls(arrays, prefix=prefix, precision=precision, **options)

    def initial_state(self, batch: int) -> State:
        """Zeros: `(h,)` or `(h, c)` of so many rows."""
        rows = self.num_layers * (1 + self.bidirectional)
        return tuple(np.zeros((rows, batch, width), np.float32) for width in self._widths)

    def step(
        self, x: Floats, state: State | None = None, out: tuple[Floats, State] | None = None
    ) -> tuple[Floats, State]:
        """One time step of any number of rows: the bits that `run` gives for it.

        Several threads may step with the same layers at once. A step of more than a million multiply-adds
        lets other Python threads run meanwhile; a shorter one is over before they could.

        Args:
            x: (B, I), or (I,) of a single row; float32. Rows may lie apart.
            state: What an earlier step returned; None: zeros. Of a single row B is 1.
            out: What an earlier step of as many rows returned, to be written over: then nothing is allocated.
                Its state may be `state` itself, which is then moved on in place.

        Returns:
            y, (B, R) or (R,), the last layer's h; and the state after the step.

        Raises:
            InputError: The layers are bidirectional; a shape or a type is wrong; an output is read-only, not
                contiguous, or overlaps something.
        """
        if self._stack is None:
            raise InputError("these layers are bidirectional: they need the whole sequence, so use run")
        return self._stack.step(x, state, out)

    def run(
        self,
        x: Floats | Ids,
        lengths: Ids | None = None,
        state: State | None = None,
        *,
        embedding: Floats | None = None,
        threads: int = 1,
    ) -> tuple[Floats, State]:
        """Whole sequences: bit for bit what `ostinato.nn`'s layers give in inference.

        Of int8 weights, what steps give, at their pace.

        Args:
            x: (T, B, I) float32, time first; or tokens, (T, B) int64: one-hot, or rows of `embedding`.
            lengths: (B,) int64, each row's number of steps, 0 to T, in any order. None: every row has T.
            state: The initial state; None: zeros.
            embedding: (V, I) float32, the tokens' vectors.
            threads: How many to use at most; the result is the same.

        Returns:
            y, (T, B, D·R), zero past a row's end; and the state after each row's last step.

        Raises:
            InputError: A shape, a type, a length or a token is wrong.
        """
        is_ids = isinstance(x, np.ndarray) and x.dtype == np.int64
        check_array("x", x, dtype=np.int64 if is_ids else np.float32)
        if x.ndim != (2 if is_ids else 3) or 0 in x.shape:
            raise InputError(
                f"x has shape {x.shape}: give (T, B, {self.input_size}), or (T, B) of int64 tokens"
            )
        B = x.shape[1]
        state = self.initial_state(B) if state is None else self._checked(state, B)
        try:
            if self._by_steps:
                return self._run_by_steps(self._vectors(x, embedding), lengths, state)
            return self._run(x, lengths, state, embedding, threads)
        except (TypeError, ValueError) as error:
            raise InputError(str(error)) from error

    def _run(
        self, x: Floats | Ids, lengths: Ids | None, state: State, embedding: Floats | None, threads: int
    ) -> tuple[Floats, State]:
        final = tuple(map(np.empty_like, state))
        D = 1 + self.bidirectional
        for layer, weights in enumerate(self._layers):
            y = np.empty((*x.shape[:2], self.output_size), np.float32)
            places = range(layer * D, layer * D + D)
            forward(
                self._kind,
                x,
                [tuple(s[k] for s in state) for k in places],
                weights,
                y=y,
                finals=[tuple(s[k] for s in final) for k in places],
                reverse=(False, True)[:D],
                lengths=lengths,
                embedding=embedding if layer == 0 else None,
                threads=threads,
            )
            x = y
        return y, final

    def _run_by_steps(self, x: Floats, lengths: Ids | None, state: State) -> tuple[Floats, State]:
        T, B = x.shape[:2]
        steps = np.full(B, T) if lengths is None else given_lengths(lengths, T, B)
        finals: list[State] = []
        for directions in self._by_steps:
            outputs = []
            for d, layer in enumerate(directions):
                first = tuple([s[len(finals)] for s in state])
                y, final = run_direction(layer, x, steps, first, reverse=d > 0)
                outputs.append(y)
                finals.append(final)
            x = np.concatenate(outputs, axis=2)
        return x, tuple([np.stack(s) for s in zip(*finals, strict=True)])

    def _vectors(self, x: Floats | Ids, embedding: Floats | None) -> Floats:
        """Tokens as vectors."""
        if x.dtype == np.float32:
            return cast(Floats, x)
        table = np.eye(self.input_size, dtype=np.float32) if embedding is None else embedding
        if x.min() < 0 or x.max() >= len(table):
            raise InputError(f"tokens are from {x.min()} to {x.max()}: give 0 to {len(table) - 1}")
        return table[x]

    def _checked(self, state: State, batch: int) -> State:
        """A state of so many rows."""
        if not isinstance(state, tuple | list) or len(state) != len(self._widths):
            raise InputError(
                f"state is not ({', '.join('hc'[: len(self._widths)])}): give what a step returned"
            )
        rows = self.num_layers * (1 + self.bidirectional)
        for name, array, width in zip("hc", state, self._widths, strict=False):
            check_array(f"{name} of state", array, (rows, batch, width))
        return tuple(state)


class RNN(Layers):
    """The simple recurrent network of Elman (1990): h_t = tanh(W_ih x_t + W_hh h_{t-1}), or max(0, ·).

    Args:
        weights: As `Layers`.
        prefix: As `Layers`.
        precision: As `Layers`.
        nonlinearity: "tanh" or "relu", which the weights do not tell.
    """

    def __init__(
        self,
        weights: Mapping[str, NDArray[Any]],
        *,
        prefix: str = "",
        precision: Precision = "float32",
        nonlinearity: Literal["tanh", "relu"] = "tanh",
    ) -> None:
        kinds: dict[str, Kind] = {"tanh": "rnn_tanh", "relu": "rnn_relu"}
        if nonlinearity not in kinds:
            raise InputError(f"nonlinearity is {nonlinearity!r}: choose tanh or relu")
        self._kind = kinds[nonlinearity]
        super().__init__(weights, prefix=prefix, precision=precision)


class LSTM(Layers):
    """The LSTM of Hochreiter & Schmidhuber (1997) with forget gate; projected if there is `weight_hr_l0`."""

    _kind: Kind = "lstm"


class GRU(Layers):
    """The GRU of Cho et al. (2014), where the reset gate comes after the matrix product, as PyTorch's."""

    _kind: Kind = "gru"


def _rounded(weights: Weights, precision: Precision) -> Weights:
    """As `forward` is to see them."""
    if precision != "bfloat16":
        return weights
    w_ih, w_hh = round_bfloat16(weights.w_ih), round_bfloat16(weights.w_hh)
    return weights._replace(w_ih=w_ih, w_hh=w_hh)
