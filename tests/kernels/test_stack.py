"""A step of stacked layers, in each precision and on every instruction set."""

import numpy as np
import pytest

from ostinato import InputError, kernels
from ostinato.kernels import Weights, reference
from ostinato.kernels._precision import int8_affine, quantise_rows, quantise_vectors

from .problems import CELLS, assert_same_bits, draw

SIZES = [(1, 1, 1), (2, 5, 7), (7, 33, 17), (50, 64, 64), (3, 700, 40)]
"""B, I, H; 700 inputs are more than int8 sums take at once, 50 rows more than go through a panel together."""
KINDS = [cell for cell in CELLS if cell != "lstm-projected"]


def steps(stack, problem):
    """Outputs of two steps, and the state after them."""
    state = tuple(s[np.newaxis] for s in problem.states[0])
    x = problem.x[0]
    first, state = stack.step(x, state)
    second, state = stack.step(x, state)
    return {"y0": first, "y1": second} | {f"s{k}": s for k, s in enumerate(state)}


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("cell", CELLS)
def test_float32_has_the_bits_of_packed(isa, cell, size):
    B, inputs, H = size
    problem = draw(cell, 1, B, inputs, H)
    packed = kernels.Packed(problem.kind, problem.weights[0])
    state = tuple(s.copy() for s in problem.states[0])
    found = steps(kernels.Stack(problem.kind, problem.weights), problem)
    for y in ("y0", "y1"):
        packed.step(problem.x[0], state, state)
        assert_same_bits({y: found[y]}, {y: state[0]})


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("cell", CELLS)
def test_bfloat16_has_the_bits_of_the_rounded_weights(isa, cell, size):
    B, inputs, H = size
    problem = draw(cell, 1, B, inputs, H)
    weights = problem.weights[0]
    rounded = weights._replace(
        w_ih=kernels.round_bfloat16(weights.w_ih), w_hh=kernels.round_bfloat16(weights.w_hh)
    )
    found = steps(kernels.Stack(problem.kind, [weights], "bfloat16"), problem)
    assert_same_bits(found, steps(kernels.Stack(problem.kind, [rounded]), problem))


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("cell", KINDS)
def test_int8_is_its_readable_version(isa, cell, size):
    B, inputs, H = size
    problem = draw(cell, 1, B, inputs, H)
    weights, state = problem.weights[0], problem.states[0]
    a_x = int8_affine(problem.x[0], *quantise_rows(weights.w_ih), weights.b_ih)
    a_h = int8_affine(state[0], *quantise_rows(weights.w_hh), weights.b_hh)
    exact = getattr(reference, cell)(a_x, a_h, tuple(s.astype(np.float64) for s in state))
    y, after = kernels.Stack(cell, [weights], "int8").step(problem.x[0], tuple(s[np.newaxis] for s in state))
    np.testing.assert_allclose(y, exact["h"], rtol=2e-6, atol=2e-6)
    if cell == "lstm":
        np.testing.assert_allclose(after[1][0], exact["c"], rtol=2e-6, atol=2e-6)


@pytest.mark.parametrize("precision", ["bfloat16", "int8"])
def test_a_row_in_fewer_bits_is_the_row_alone(isa, precision):
    problem = draw("gru", 1, 11, 20, 24)
    stack = kernels.Stack("gru", problem.weights, precision)
    h = problem.states[0][0][np.newaxis]
    y, _ = stack.step(problem.x[0], (h,))
    for row in range(11):
        alone, _ = stack.step(problem.x[0, row], (h[:, row : row + 1].copy(),))
        np.testing.assert_array_equal(alone, y[row])


@pytest.mark.parametrize("precision", ["bfloat16", "int8"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_finite_goes_through(isa, precision, value):
    problem = draw("rnn_tanh", 1, 2, 5, 24)
    x = problem.x[0].copy()
    x[0, 2] = value
    y, _ = kernels.Stack("rnn_tanh", problem.weights, precision).step(x)
    if np.isnan(value) or precision == "int8":
        assert np.isnan(y[0]).all()
    assert np.isfinite(y[1]).all()


def test_int8_of_zeros_is_the_bias(isa):
    weights = Weights(*(np.zeros(s, np.float32) for s in [(8, 3), (8, 8)]), *[np.ones(8, np.float32)] * 2)
    y, _ = kernels.Stack("rnn_relu", [weights], "int8").step(np.zeros(3, np.float32))
    np.testing.assert_array_equal(y, 2)


def test_rounding_to_bfloat16():
    exact = np.array([1, -2, 0, 1 + 2**-8, 1 + 3 * 2**-8, 1 + 2**-7, np.inf, np.nan], np.float32)
    np.testing.assert_array_equal(
        kernels.round_bfloat16(exact), [1, -2, 0, 1, 1 + 2**-6, 1 + 2**-7, np.inf, np.nan]
    )


def test_quantising_is_within_half_a_unit():
    matrix = np.random.default_rng(0).standard_normal((4, 9), np.float32)
    q, scale = quantise_rows(matrix)
    assert np.abs(q).max(axis=1).tolist() == [127] * 4
    assert (np.abs(q * scale[:, None] - matrix) <= 0.501 * scale[:, None]).all()
    whole, t = quantise_vectors(matrix)
    assert (np.abs(whole * t[:, None] - matrix) <= 0.51 * t[:, None]).all()


def test_an_unknown_precision_is_told():
    problem = draw("gru", 1, 1, 3, 4)
    with pytest.raises(InputError, match="precision is 'int4': choose one of float32, bfloat16, int8"):
        kernels.Stack("gru", problem.weights, "int4")
