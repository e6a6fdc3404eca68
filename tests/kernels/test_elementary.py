"""tanh and sigmoid: within 4 units in the last place of float64, over the whole range."""

import numpy as np
import pytest

from ostinato import kernels
from ostinato.kernels import Weights

from .native import solve
from .problems import Problem

EDGES = (0.0, 0.625, 9.0, 17.4, 87.4, 88.4, 88.8, 104.0)
"""Where approximations change, and where results reach 1, the subnormal numbers and 0."""


def float32s(bits):
    return np.asarray(bits, np.uint32).view(np.float32)


def neighbours(value, reach):
    """The float32 numbers nearest to a positive number, of either sign."""
    bits = int(np.float32(value).view(np.uint32))
    near = np.arange(max(0, bits - reach), bits + reach, dtype=np.uint32)
    return float32s(np.concatenate([near, near | 0x80000000]))


def every_exponent():
    """A million numbers: bit patterns evenly spread, and those around edges and around powers of two."""
    spread = float32s(np.arange(0, 2**32, 4001, dtype=np.uint32))
    powers = [neighbours(2.0**exponent, 32) for exponent in range(-149, 128)]
    x = np.concatenate([spread, *powers, *(neighbours(edge, 2000) for edge in EDGES)])
    return x[np.isfinite(x)]


def sigmoid(x):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-x))


def units_in_the_last_place(ours, exact):
    """Differences in steps from one float32 number to the next, at the exact value."""
    _, exponent = np.frexp(exact)
    return np.abs(ours - exact) / np.ldexp(1.0, np.maximum(exponent - 24, -149))


FUNCTIONS = [
    pytest.param("tanh", np.tanh, id="tanh"),
    pytest.param("sigmoid", sigmoid, id="sigmoid"),
]


@pytest.mark.parametrize(("name", "exact"), FUNCTIONS)
def test_within_four_units_everywhere(isa, name, exact):
    x = every_exponent()
    ours = getattr(kernels, name)(x)
    errors = units_in_the_last_place(ours, exact(x.astype(np.float64)))
    assert errors.max() <= 4, f"at {x[errors.argmax()]!r}"
    assert np.abs(ours).max() == 1


@pytest.mark.parametrize(
    ("name", "x", "limit"),
    [
        ("tanh", 0.0, 0.0),
        ("tanh", -0.0, -0.0),
        ("tanh", np.inf, 1.0),
        ("tanh", -np.inf, -1.0),
        ("tanh", np.nan, np.nan),
        ("sigmoid", 0.0, 0.5),
        ("sigmoid", -0.0, 0.5),
        ("sigmoid", np.inf, 1.0),
        ("sigmoid", -np.inf, 0.0),
        ("sigmoid", np.nan, np.nan),
    ],
)
def test_limits(isa, name, x, limit):
    ours = getattr(kernels, name)(np.full(19, x, np.float32))
    np.testing.assert_array_equal(ours, np.float32(limit))
    if not np.isnan(x):
        np.testing.assert_array_equal(np.signbit(ours), np.signbit(limit))


@pytest.mark.parametrize("name", ["tanh", "sigmoid"])
def test_the_same_wherever_a_number_stands(isa, name):
    function = getattr(kernels, name)
    x = np.random.default_rng(0).normal(scale=3, size=70).astype(np.float32)
    for size in range(len(x)):
        np.testing.assert_array_equal(function(x[:size]), function(x)[:size])


def test_cells_use_the_same_functions(isa):
    """With identities for weights a gate is the function of the input, for the LSTM and for the GRU alike."""
    H = 17
    x = every_exponent()[::97]
    x = x[: len(x) // H * H].reshape(1, -1, H)
    tanh, sigmoids = kernels.tanh(x), kernels.sigmoid(x)

    gates = solve(identity("lstm", 4, x))
    for name, values in {"i": sigmoids, "f": sigmoids, "g": tanh, "o": sigmoids}.items():
        np.testing.assert_array_equal(gates[f"{name}[0]"], values)
    gates = solve(identity("gru", 3, x))
    for name, values in {"r": sigmoids, "z": sigmoids, "n": tanh}.items():
        np.testing.assert_array_equal(gates[f"{name}[0]"], values)
    np.testing.assert_array_equal(solve(identity("rnn_tanh", 1, x))["y"], tanh)


def identity(kind, G, x):
    """A layer whose gates all see the input as it is."""
    _, B, H = x.shape
    zeros = tuple(np.zeros((B, H), np.float32) for _ in range(2 if kind == "lstm" else 1))
    weights = Weights(np.tile(np.eye(H, dtype=np.float32), (G, 1)), np.zeros((G * H, H), np.float32))
    return Problem(kind, x, (zeros,), (weights,), np.zeros_like(x), (zeros,))
