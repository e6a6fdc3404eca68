"""JAX."""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax, nn

from _peers import Arrays, Peer
from _rows import Problem, Row

State = tuple[Array, ...]
UNROLL = 2  # steps to a turn of the loop: the fastest of 1, 2, 4 and 8 in training


def rnn(a: Array, b: Array, state: State) -> State:
    """A step. a: the input's projection; b: the state's."""
    return (jnp.tanh(a + b),)


def gru(a: Array, b: Array, state: State) -> State:
    """A step."""
    (a_r, a_z, a_n), (b_r, b_z, b_n) = jnp.split(a, 3, -1), jnp.split(b, 3, -1)
    r, z = nn.sigmoid(a_r + b_r), nn.sigmoid(a_z + b_z)
    n = jnp.tanh(a_n + r * b_n)
    return ((1 - z) * n + z * state[0],)


def lstm(a: Array, b: Array, state: State) -> State:
    """A step."""
    i, f, g, o = jnp.split(a + b, 4, -1)
    c = nn.sigmoid(f) * state[1] + nn.sigmoid(i) * jnp.tanh(g)
    return nn.sigmoid(o) * jnp.tanh(c), c


CELLS: dict[str, Callable[[Array, Array, State], State]] = {"rnn": rnn, "gru": gru, "lstm": lstm}


class Jax(Peer):
    """`lax.scan` over the cell, the input's projection before it, all of it under one `jit`."""

    name = "JAX"

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.arguments = on_device([problem.x, *problem.states, *problem.weights.values()])
        self.upstream = on_device([problem.dy, *problem.dstates])
        self.lengths = on_device(problem.lengths) or [None]
        self.run = jax.jit(self.gradients if problem.row.trains else self.outputs)

    @classmethod
    def takes(cls, row: Row) -> bool:
        """Every row."""
        return True

    def __call__(self, call: int) -> Sequence[Array]:
        """Outputs and, in training, the gradients of every input and parameter."""
        result: Sequence[Array] = self.run(self.lengths[call % len(self.lengths)], *self.arguments)
        for array in result:
            array.block_until_ready()
        return result

    def gradients(self, lengths: Array | None, *arguments: Array) -> tuple[Array, ...]:
        """Outputs, and the gradient of every argument."""
        outputs, backward = jax.vjp(lambda *arguments: self.outputs(lengths, *arguments), *arguments)
        return (*outputs, *backward(tuple(self.upstream)))

    def outputs(self, lengths: Array | None, x: Array, *arguments: Array) -> tuple[Array, ...]:
        """(y, h) or (y, h, c); lengths: (B,), where sequences have different ones."""
        row, n = self.problem.row, len(self.problem.states)
        states, weights = arguments[:n], arguments[n:]
        directions = [
            scan(CELLS[row.cell], x, tuple(s[d] for s in states), weights[4 * d : 4 * d + 4], lengths, d == 1)
            for d in range(row.directions)
        ]
        ys, finals = zip(*directions, strict=True)
        return jnp.concatenate(ys, -1), *(jnp.stack(s) for s in zip(*finals, strict=True))

    def arrays(self, result: Sequence[Array]) -> Arrays:
        """All of the result."""
        return self.problem.named([np.asarray(array) for array in result])


def scan(
    cell: Callable[[Array, Array, State], State],
    x: Array,
    state: State,
    weights: Sequence[Array],
    lengths: Array | None,
    reverse: bool,
) -> tuple[Array, State]:
    """One direction: outputs (T, B, H), and the final state."""
    w_ih, w_hh, b_ih, b_hh = weights

    def step(state: State, at: tuple[Array, Array]) -> tuple[State, Array]:
        t, a = at
        new = cell(a, state[0] @ w_hh.T + b_hh, state)
        if lengths is None:
            return new, new[0]
        real = (t < lengths)[:, None]
        return tuple(jnp.where(real, *s) for s in zip(new, state, strict=True)), jnp.where(real, new[0], 0)

    steps = jnp.arange(len(x)), x @ w_ih.T + b_ih
    state, y = lax.scan(step, state, steps, reverse=reverse, unroll=UNROLL)
    return y, state


def on_device(tensors: Sequence[Any]) -> list[Any]:
    """As JAX's arrays."""
    return [jax.device_put(tensor.numpy()) for tensor in tensors]


PEERS = (Jax,)
