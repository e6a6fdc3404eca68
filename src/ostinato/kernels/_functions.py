"""The kernels' elementary functions, and a measure of the machine."""

import numpy as np

from ostinato.kernels import _native
from ostinato.kernels._arrays import Array, given


def tanh(x: Array) -> Array:
    """The hyperbolic tangent of each number of a float32 array, within 4 units in the last place."""
    out = np.empty(x.shape, np.float32)
    _native.tanh(given("x", x, x.shape), out)
    return out


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x)) of each number of a float32 array, within 4 units in the last place."""
    out = np.empty(x.shape, np.float32)
    _native.sigmoid(given("x", x, x.shape), out)
    return out


def multiply_adds(rounds: int) -> int:
    """Keep one core's multipliers busy; how many floating-point operations that were.

    Divided by the seconds it took, this is the most that any kernel could reach.
    """
    return _native.multiply_adds(rounds)


def allocations() -> int:
    """How often the kernels have asked for memory in this process; a step of layers in use does not."""
    return _native.allocations()
