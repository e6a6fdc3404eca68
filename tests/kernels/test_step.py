"""One time step at a time."""

import numpy as np
import pytest

from ostinato import kernels

from .native import solve, solve_by_steps
from .problems import CELLS, assert_close, assert_same_bits, draw, expected

SIZES = [(1, 1, 1, 1), (9, 1, 8, 64), (5, 3, 17, 33), (3, 33, 3, 17), (3, 8, 70, 130)]

every_cell = pytest.mark.parametrize("cell", CELLS)


@pytest.mark.parametrize("in_place", [False, True], ids=["into-another", "in-place"])
@pytest.mark.parametrize("bias", [True, False], ids=["bias", "no-bias"])
@pytest.mark.parametrize("size", SIZES, ids=str)
@every_cell
def test_steps_equal_one_call(isa, cell, size, bias, in_place):
    problem = draw(cell, *size, bias=bias)
    steps = solve_by_steps(problem, in_place=in_place)
    assert_same_bits(steps, solve(problem, training=False))
    exact = expected(problem)
    assert_close(steps, {name: exact[name] for name in steps})


@every_cell
def test_a_row_of_a_batch_first_sequence(isa, cell):
    """Rows of x may lie apart."""
    problem = draw(cell, 4, 7, 5, 9)
    x = np.ascontiguousarray(problem.x.swapaxes(0, 1))
    packed = kernels.Packed(problem.kind, problem.weights[0])
    state = tuple(s.copy() for s in problem.states[0])
    for t in range(4):
        packed.step(x[:, t], state, state)
    np.testing.assert_array_equal(state[0], solve_by_steps(problem)["h_n[0]"])


@every_cell
def test_packed_weights_are_a_copy(isa, cell):
    problem = draw(cell, 1, 3, 5, 9)
    weights = kernels.Weights(*(None if w is None else w.copy() for w in problem.weights[0]))
    packed = kernels.Packed(problem.kind, weights)
    for w in weights:
        if w is not None:
            w[...] = np.nan
    state = tuple(s.copy() for s in problem.states[0])
    packed.step(problem.x[0], state, state)
    np.testing.assert_array_equal(state[0], solve_by_steps(problem)["h_n[0]"])


@every_cell
def test_any_number_of_rows(isa, cell):
    """The same packed weights serve batches of one and of many, in turn."""
    problem = draw(cell, 1, 40, 5, 9)
    packed = kernels.Packed(problem.kind, problem.weights[0])
    whole = solve_by_steps(problem)["h_n[0]"]
    for rows in (1, 40, 2, 39, 7):
        state = tuple(s[:rows].copy() for s in problem.states[0])
        packed.step(problem.x[0, :rows], state, state)
        np.testing.assert_array_equal(state[0], whole[:rows])
