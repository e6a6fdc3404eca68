"""The recurrent cells as their papers write them, forward and backward, in float64 numpy.

This is the oracle: slow, short and obviously right. Every faster implementation is tested against it, on
outputs and on every gradient.

Letters are the papers': `i f g o` for the LSTM's gates, `r z n` for the GRU's, `h` and `c` for the states.
T steps, B rows, I inputs, H hidden units, G gates, R what a step hands to the next (H, or the LSTM's
projection). Weights are laid out, and gates ordered, as PyTorch does.

`forward` and `backward` run one direction of one layer over a whole batch of sequences; the functions named
after a cell are one time step of it.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ostinato.kernels._cells import GATES, Floats, Kind, Weights

Array = NDArray[np.float64]
State = tuple[Array, ...]
Gates = dict[str, Array]


class Trace(NamedTuple):
    """What `forward` computed, and all that `backward` needs."""

    y: Array
    """(T, B, R), the outputs; zero past a sequence's end."""
    state: State
    """The state after each row's last real step: `(h,)`, or `(h, c)` for the LSTM."""
    gates: Gates
    """Each gate by its letter, and `h` before any projection, as (T, B, H); zero past a sequence's end."""
    previous: State
    """The state each step started from, as (T, B, ·)."""
    x: Array
    """(T, B, I), the input with its padding blanked."""
    active: NDArray[np.bool_]
    """(T, B), True where a step is real and False in the padding."""
    kind: Kind
    reverse: bool


class Gradients(NamedTuple):
    """The gradient of a loss with respect to everything `forward` was given."""

    x: Array
    """(T, B, I); zero in the padding."""
    state: State
    """As the initial state."""
    weights: Weights
    """As the weights; None where they are None."""


def forward(
    kind: Kind,
    x: ArrayLike,
    state: Sequence[ArrayLike],
    weights: Weights,
    *,
    lengths: ArrayLike | None = None,
    reverse: bool = False,
) -> Trace:
    """Run one direction of one layer.

    Args:
        kind: Which cell.
        x: (T, B, I), time first. Whatever stands past a row's length is never read.
        state: The initial state: `(h,)`, or `(h, c)` for the LSTM; h is (B, R), c is (B, H).
        weights: The layer's parameters.
        lengths: (B), each row's number of steps, 0 to T, in any order. None: every row has T.
        reverse: Read the sequences from their last real step to their first.

    Returns:
        Outputs, final state and gates. A row of length 0 ends in its initial state.
    """
    x = np.asarray(x, np.float64)
    T, B, _ = x.shape
    active = np.arange(T)[:, None] < np.broadcast_to(T if lengths is None else np.asarray(lengths), B)
    x = np.where(active[:, :, None], x, 0.0)
    now = tuple(np.asarray(s, np.float64) for s in state)
    previous = tuple(np.zeros((T, *s.shape)) for s in now)
    gates = {name: np.zeros((T, B, weights.w_hh.shape[0] // GATES[kind])) for name in _KEPT[kind]}
    y = np.zeros((T, *now[0].shape))
    for t in _steps(T, reverse):
        real = active[t][:, None]
        for kept, s in zip(previous, now, strict=True):
            kept[t] = s
        a_x, a_h = _affine(x[t], weights.w_ih, weights.b_ih), _affine(now[0], weights.w_hh, weights.b_hh)
        step = _FORWARD[kind](a_x, a_h, now)
        for name, gate in gates.items():
            gate[t] = np.where(real, step[name], 0.0)
        h = step["h"] if weights.w_hr is None else step["h"] @ weights.w_hr.T
        after = (h, step["c"]) if kind == "lstm" else (h,)
        now = tuple(np.where(real, new, old) for new, old in zip(after, now, strict=True))
        y[t] = np.where(real, h, 0.0)
    return Trace(y, now, gates, previous, x, active, kind, reverse)


def backward(trace: Trace, weights: Weights, dy: ArrayLike, dstate: Sequence[ArrayLike]) -> Gradients:
    """Backpropagation through time (Werbos 1990) for what `forward` ran.

    Args:
        trace: What `forward` returned.
        weights: What `forward` was given.
        dy: (T, B, R), the loss's gradient with respect to the outputs; the padding's is not read.
        dstate: The loss's gradient with respect to the final state, shaped like it.

    Returns:
        The gradients of the input, the initial state and every parameter.
    """
    dy = np.asarray(dy, np.float64)
    dnow = tuple(np.asarray(d, np.float64) for d in dstate)
    dx = np.zeros_like(trace.x)
    dweights = Weights(*(None if w is None else np.zeros_like(w) for w in weights))  # type: ignore[arg-type]
    for t in _steps(len(dy), not trace.reverse):
        real = trace.active[t][:, None]
        dh, *dc = (np.where(real, d, 0.0) for d in (dnow[0] + dy[t], *dnow[1:]))
        previous = tuple(s[t] for s in trace.previous)
        gates = {name: gate[t] for name, gate in trace.gates.items()}
        if weights.w_hr is not None and dweights.w_hr is not None:
            dweights.w_hr[...] += dh.T @ gates["h"]
            dh = dh @ weights.w_hr
        da_x, da_h, dbefore = _BACKWARD[trace.kind](gates, previous, (dh, *dc))
        dbefore = (dbefore[0] + da_h @ weights.w_hh, *dbefore[1:])
        dnow = tuple(np.where(real, new, old) for new, old in zip(dbefore, dnow, strict=True))
        dx[t] = da_x @ weights.w_ih
        _accumulate(dweights.w_ih, dweights.b_ih, da_x, trace.x[t])
        _accumulate(dweights.w_hh, dweights.b_hh, da_h, previous[0])
    return Gradients(dx, dnow, dweights)


# One time step of each cell. `a_x` = W_ih x + b_ih and `a_h` = W_hh h + b_hh, both (B, G·H). A backward step
# is given the gradient of the new state; it returns those of a_x, of a_h, and of the old state where that
# does not pass through a_h.

_NOTHING: Array = np.zeros((1, 1))


def rnn_tanh(a_x: Array, a_h: Array, state: State) -> Gates:
    """Simple recurrent network, Elman 1990: h' = tanh(W_ih x + W_hh h)."""
    return {"h": np.tanh(a_x + a_h)}


def rnn_tanh_backward(gates: Gates, previous: State, dstate: State) -> tuple[Array, Array, State]:
    """The gradients of `rnn_tanh`."""
    h, (dh,) = gates["h"], dstate
    da = dh * (1 - h**2)
    return da, da, (_NOTHING,)


def rnn_relu(a_x: Array, a_h: Array, state: State) -> Gates:
    """Simple recurrent network with rectified units: h' = max(0, W_ih x + W_hh h)."""
    return {"h": np.maximum(a_x + a_h, 0.0)}


def rnn_relu_backward(gates: Gates, previous: State, dstate: State) -> tuple[Array, Array, State]:
    """The gradients of `rnn_relu`."""
    h, (dh,) = gates["h"], dstate
    da = dh * (h > 0)
    return da, da, (_NOTHING,)


def lstm(a_x: Array, a_h: Array, state: State) -> Gates:
    """LSTM, Hochreiter & Schmidhuber 1997, with the forget gate of Gers, Schmidhuber & Cummins 2000.

    c' = f⊙c + i⊙g; h' = o⊙tanh(c').
    """
    _, c_before = state
    a_i, a_f, a_g, a_o = np.split(a_x + a_h, 4, axis=1)
    i, f, g, o = _sigmoid(a_i), _sigmoid(a_f), np.tanh(a_g), _sigmoid(a_o)
    c = f * c_before + i * g
    h = o * np.tanh(c)
    return {"i": i, "f": f, "g": g, "o": o, "c": c, "h": h}


def lstm_backward(gates: Gates, previous: State, dstate: State) -> tuple[Array, Array, State]:
    """The gradients of `lstm`."""
    i, f, g, o, c = (gates[name] for name in "ifgoc")
    (_, c_before), (dh, dc) = previous, dstate
    do = dh * np.tanh(c)
    dc = dc + dh * o * (1 - np.tanh(c) ** 2)
    di, df, dg = dc * g, dc * c_before, dc * i
    da = np.concatenate([di * i * (1 - i), df * f * (1 - f), dg * (1 - g**2), do * o * (1 - o)], axis=1)
    return da, da, (_NOTHING, dc * f)


def gru(a_x: Array, a_h: Array, state: State) -> Gates:
    """GRU, Cho et al. 2014, in the form where the reset gate comes after the matrix product.

    n = tanh(W_in x + r⊙(W_hn h)); h' = (1−z)⊙n + z⊙h. `q` is W_hn h + b_hn.
    """
    (h_before,) = state
    x_r, x_z, x_n = np.split(a_x, 3, axis=1)
    h_r, h_z, q = np.split(a_h, 3, axis=1)
    r, z = _sigmoid(x_r + h_r), _sigmoid(x_z + h_z)
    n = np.tanh(x_n + r * q)
    h = (1 - z) * n + z * h_before
    return {"r": r, "z": z, "n": n, "q": q, "h": h}


def gru_backward(gates: Gates, previous: State, dstate: State) -> tuple[Array, Array, State]:
    """The gradients of `gru`."""
    r, z, n, q = (gates[name] for name in "rznq")
    (h_before,), (dh,) = previous, dstate
    da_n = dh * (1 - z) * (1 - n**2)
    da_r = da_n * q * r * (1 - r)
    da_z = dh * (h_before - n) * z * (1 - z)
    da_x = np.concatenate([da_r, da_z, da_n], axis=1)
    da_h = np.concatenate([da_r, da_z, da_n * r], axis=1)
    return da_x, da_h, (dh * z,)


_FORWARD: dict[Kind, Callable[[Array, Array, State], Gates]] = {
    "rnn_tanh": rnn_tanh,
    "rnn_relu": rnn_relu,
    "lstm": lstm,
    "gru": gru,
}
_BACKWARD: dict[Kind, Callable[[Gates, State, State], tuple[Array, Array, State]]] = {
    "rnn_tanh": rnn_tanh_backward,
    "rnn_relu": rnn_relu_backward,
    "lstm": lstm_backward,
    "gru": gru_backward,
}
_KEPT: dict[Kind, str] = {"rnn_tanh": "h", "rnn_relu": "h", "lstm": "ifgoch", "gru": "rznqh"}


def _steps(T: int, reverse: bool) -> Iterable[int]:
    return reversed(range(T)) if reverse else range(T)


def _affine(x: Array, w: Floats, b: Floats | None) -> Array:
    return x @ w.T if b is None else x @ w.T + b


def _accumulate(dw: Floats, db: Floats | None, da: Array, x: Array) -> None:
    dw += da.T @ x
    if db is not None:
        db += da.sum(axis=0)


def _sigmoid(a: Array) -> Array:
    # The same function as 1 / (1 + exp(-a)), and exp(-a) overflows where tanh does not.
    return 0.5 * (1 + np.tanh(0.5 * a))
