"""The cells' equations in differentiable torch operations: one time step of each.

A step is split in two. What depends on the input alone, W_ih x + b, is `input_projection`: one large product
over all time steps at once. The rest waits for the state before it, and is what the functions named after
the cells build: `step(a, state) -> state`, where `a` (B, G·H) is one time step of the projection.

`ostinato.kernels.reference` says the same in float64 numpy, gradients spelled out.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import linear

State = tuple[Tensor, ...]
Step = Callable[[Tensor, State], State]


class Weights(NamedTuple):
    """The parameters of one direction of one layer: G gates, H units, R = H or the projection's size."""

    w_ih: Tensor
    """(G·H, I)."""
    w_hh: Tensor
    """(G·H, R)."""
    b_ih: Tensor | None = None
    """(G·H)."""
    b_hh: Tensor | None = None
    """(G·H)."""
    w_hr: Tensor | None = None
    """(R, H)."""


def unflatten(tensors: Sequence[Tensor]) -> Weights:
    """The parameters by name, from torch's list: two matrices, two biases or none, w_hr or not."""
    b_ih, b_hh = tensors[2:4] if len(tensors) >= 4 else (None, None)
    return Weights(tensors[0], tensors[1], b_ih, b_hh, tensors[-1] if len(tensors) % 2 else None)


def input_projection(kind: str, x: Tensor, weights: Weights) -> Tensor:
    """The input's share of every gate, (…, I) to (…, G·H), with all the biases that may be added this early.

    The GRU's b_hh may not: its part for n is inside the reset gate's product.
    """
    b = weights.b_ih
    if kind != "gru" and b is not None and weights.b_hh is not None:
        b = b + weights.b_hh
    return linear(x, weights.w_ih, b)


def rnn_tanh(weights: Weights) -> Step:
    """Simple recurrent network, Elman 1990: h' = tanh(W_ih x + W_hh h)."""
    W_hh = weights.w_hh.t()

    def step(a: Tensor, state: State) -> State:
        (h,) = state
        return (torch.addmm(a, h, W_hh).tanh(),)

    return step


def rnn_relu(weights: Weights) -> Step:
    """Simple recurrent network with rectified units: h' = max(0, W_ih x + W_hh h)."""
    W_hh = weights.w_hh.t()

    def step(a: Tensor, state: State) -> State:
        (h,) = state
        return (torch.addmm(a, h, W_hh).relu(),)

    return step


def lstm(weights: Weights) -> Step:
    """LSTM, Hochreiter & Schmidhuber 1997; forget gate, Gers et al. 2000; projection, Sak et al. 2014.

    c' = f⊙c + i⊙g; h' = W_hr (o⊙tanh(c')).
    """
    W_hh = weights.w_hh.t()

    def step(a: Tensor, state: State) -> State:
        h, c = state
        i, f, g, o = torch.addmm(a, h, W_hh).chunk(4, dim=1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        h = o.sigmoid() * c.tanh()
        return (h if weights.w_hr is None else linear(h, weights.w_hr)), c

    return step


def gru(weights: Weights) -> Step:
    """GRU, Cho et al. 2014, in the form where the reset gate comes after the matrix product.

    n = tanh(W_in x + r⊙(W_hn h)); h' = (1−z)⊙n + z⊙h.
    """
    H = weights.w_hh.shape[1]

    def step(a: Tensor, state: State) -> State:
        (h,) = state
        x_rz, x_n = a.split_with_sizes([2 * H, H], dim=1)
        h_rz, h_n = linear(h, weights.w_hh, weights.b_hh).split_with_sizes([2 * H, H], dim=1)
        r, z = (x_rz + h_rz).sigmoid().chunk(2, dim=1)
        n = (x_n + r * h_n).tanh()
        return (n + z * (h - n),)  # (1−z)⊙n + z⊙h with one product fewer

    return step


STEPS: dict[str, Callable[[Weights], Step]] = {
    "rnn_tanh": rnn_tanh,
    "rnn_relu": rnn_relu,
    "lstm": lstm,
    "gru": gru,
}
