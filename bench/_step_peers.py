"""Who takes a step: each a call without arguments, and the arrays that it gave."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from _rows import LAYERS, Problem
from _step_rows import StepRow
from ostinato import runtime
from ostinato.kernels import Precision

Call = Callable[[], Any]
Output = NDArray[np.float32]
Layer = runtime.RNN | runtime.GRU | runtime.LSTM
OURS: Mapping[str, Callable[..., Layer]] = {"rnn": runtime.RNN, "gru": runtime.GRU, "lstm": runtime.LSTM}
CELLS: Mapping[str, Callable[..., torch.nn.RNNCellBase]] = {
    "rnn": torch.nn.RNNCell,
    "gru": torch.nn.GRUCell,
    "lstm": torch.nn.LSTMCell,
}


class Steps:
    """A row's problem, and everybody's way to take its step; h, (sessions, H), is what is compared."""

    def __init__(self, row: StepRow) -> None:
        self.row = row
        self.problem = Problem(row.problem)
        self.x = self.problem.x[0]
        self.states = tuple(s[0] for s in self.problem.states)

    def ours(self, precision: Precision = "float32") -> Layer:
        """The runtime's layer."""
        weights = {name: w.numpy() for name, w in self.problem.weights.items()}
        return OURS[self.row.cell](weights, precision=precision)

    def new_arrays(self, precision: Precision = "float32") -> Call:
        """`step(x, state)`."""
        layer, x, state = self.ours(precision), self.x.numpy(), self._stacked()
        return lambda: layer.step(x, state)[0]

    def in_place(self, precision: Precision = "float32") -> Call:
        """`step(x, state, out)`, which allocates nothing."""
        layer, x, state = self.ours(precision), self.x.numpy(), self._stacked()
        out = layer.step(x, state)
        return lambda: layer.step(x, state, out)[0]

    def torch_cell(self) -> Call:
        """`torch.nn.LSTMCell` and the like."""
        cell = CELLS[self.row.cell](self.row.H, self.row.H)
        cell.load_state_dict({name.removesuffix("_l0"): w for name, w in self.problem.weights.items()})
        given = [(self.x[rows], self._state(rows)) for rows in self._calls()]
        return each(lambda arguments: cell(*arguments), given)

    def torch_nn(self) -> Call:
        """`torch.nn.LSTM` and the like, over a sequence of one step."""
        layer = LAYERS[self.row.cell](self.row.H, self.row.H)
        layer.load_state_dict(self.problem.weights)
        given = [(self.problem.x[:, rows], self._state(rows, stacked=True)) for rows in self._calls()]
        return each(lambda arguments: layer(*arguments), given)

    def onnxruntime(self) -> Call:
        """One operator over a sequence of one step."""
        import onnxruntime

        from _onnx_peer import onnx_model

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(
            onnx_model(self.problem), options, providers=["CPUExecutionProvider"]
        )
        names = ["x", *(f"{s}0" for s in "hc"[: len(self.states)])]
        arrays = [self.problem.x, *self.problem.states]
        calls = [
            {n: a[:, rows].contiguous().numpy() for n, a in zip(names, arrays, strict=True)}
            for rows in self._calls()
        ]
        return each(lambda inputs: session.run(None, inputs)[0], calls)

    def numpy(self) -> Call:
        """The equations, in float32."""
        w_ih, w_hh, b_ih, b_hh = (w.numpy() for w in self.problem.weights.values())
        equations = EQUATIONS[self.row.cell]
        arrays = [a.numpy() for a in (self.x, *self.states)]

        def step(given: list[Output]) -> Output:
            x, h, *c = given
            return equations(x @ w_ih.T + b_ih, h @ w_hh.T + b_hh, h, *c)

        return each(step, [[a[rows] for a in arrays] for rows in self._calls()])

    def _calls(self) -> list[slice]:
        """The sessions of each call of a peer."""
        B = self.row.sessions
        return [slice(k, k + 1) for k in range(B)] if self.row.one_by_one else [slice(0, B)]

    def _stacked(self) -> tuple[Output, ...]:
        return tuple(s.numpy().copy() for s in self.problem.states)

    def _state(self, rows: slice, *, stacked: bool = False) -> Any:
        state = tuple(s[:, rows] if stacked else s[0, rows] for s in self.problem.states)
        return state if len(state) == 2 else state[0]


def each(step: Callable[[Any], Any], given: list[Any]) -> Call:
    """A step of all, in as many calls as there are things given."""
    if len(given) == 1:
        (only,) = given
        return lambda: step(only)
    return lambda: [step(one) for one in given]


def h_of(result: Any) -> Output:
    """(sessions, H), whatever a call gave."""
    if isinstance(result, list):
        return np.concatenate([h_of(part) for part in result])
    h = result[0] if isinstance(result, tuple) else result
    array: Output = h.numpy() if isinstance(h, Tensor) else h
    return array.reshape(-1, array.shape[-1])


def rnn(a_x: Output, a_h: Output, h: Output) -> Output:
    """A step of the simple network."""
    new: Output = np.tanh(a_x + a_h)
    return new


def lstm(a_x: Output, a_h: Output, h: Output, c: Output) -> Output:
    """A step of the LSTM: h."""
    i, f, g, o = np.split(a_x + a_h, 4, axis=1)
    new: Output = sigmoid(o) * np.tanh(sigmoid(f) * c + sigmoid(i) * np.tanh(g))
    return new


def gru(a_x: Output, a_h: Output, h: Output) -> Output:
    """A step of the GRU."""
    x_r, x_z, x_n = np.split(a_x, 3, axis=1)
    h_r, h_z, h_n = np.split(a_h, 3, axis=1)
    z, n = sigmoid(x_z + h_z), np.tanh(x_n + sigmoid(x_r + h_r) * h_n)
    new: Output = n + z * (h - n)
    return new


def sigmoid(a: Output) -> Output:
    """1 / (1 + e^-a)."""
    gate: Output = np.float32(1) / (np.float32(1) + np.exp(-a))
    return gate


EQUATIONS: Mapping[str, Callable[..., Output]] = {"rnn": rnn, "gru": gru, "lstm": lstm}
