"""Products of the backward pass on a matrix unit that takes bfloat16: as right as those of float32."""

from dataclasses import replace

import numpy as np
import pytest

from ostinato import kernels

from .native import solve
from .problems import CELLS, assert_same_bits, draw, expected, relative_error, without_gradients

if "amx" not in kernels.instruction_sets():
    pytest.skip("this machine has no matrix unit for bfloat16", allow_module_level=True)

SIZE = (6, 33, 40, 70)


def answers(isa, problem):
    with kernels.use_instruction_set(isa):
        return solve(problem)


@pytest.mark.parametrize("cell", CELLS)
def test_the_forward_pass_is_that_of_the_vectors(cell):
    problem = draw(cell, *SIZE, lengths="zeros", direction="both")
    unit, vectors = (without_gradients(answers(isa, problem)) for isa in ("amx", "avx512"))
    assert_same_bits(unit, vectors)


@pytest.mark.parametrize("cell", CELLS)
def test_errors_are_no_larger_than_those_of_float32(cell):
    problem = draw(cell, *SIZE, direction="both")
    exact = expected(problem)

    def largest(isa):
        found = answers(isa, problem)
        return max(relative_error(found[name], exact[name]) for name in exact if name.startswith("d"))

    assert largest("amx") <= 1.5 * largest("avx512")


@pytest.mark.parametrize("scale", [1e-25, 1e25])
def test_neither_small_nor_large_gradients_are_lost(scale):
    problem = draw("rnn_tanh", *SIZE)
    scaled = replace(
        problem,
        dy=problem.dy * np.float32(scale),
        dfinals=tuple((d * np.float32(scale),) for (d,) in problem.dfinals),
    )
    exact, found = expected(scaled), answers("amx", scaled)
    for name in (name for name in exact if name.startswith("d")):
        assert relative_error(found[name], exact[name]) < 1e-5, name


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
@pytest.mark.parametrize("weight", [1.0, 0.5, -3.0, 0.3])
def test_infinity_and_nan_go_where_float32_takes_them(value, weight):
    """dx = da·W_ih of one infinite da: infinite where the weight is not 0."""
    problem = draw("rnn_relu", 1, 16, 40, 1)
    (weights,) = problem.weights
    w_ih = np.full_like(weights.w_ih, weight)
    w_ih[0, 3] = 0
    dy = np.zeros_like(problem.dy)
    dy[0, 5] = value
    positive = weights._replace(w_ih=w_ih, b_ih=np.full_like(weights.b_ih, 1000.0))
    spoiled = replace(problem, dy=dy, weights=(positive,), dfinals=((np.zeros_like(problem.dfinals[0][0]),),))
    (unit, vectors) = (answers(isa, spoiled)["dx"] for isa in ("amx", "avx512"))
    assert not np.isfinite(unit[0, 5]).any()
    np.testing.assert_array_equal(unit, vectors)
