"""Infinities and NaN go where the equations take them, and nowhere else."""

from dataclasses import replace

import numpy as np
import pytest

from .native import solve
from .problems import CELLS, assert_same_bits, draw, expected


def spoiled(array, where, value):
    array = array.copy()
    array[where] = value
    return array


def spoil(problem, name, value):
    """One number of an input, a state or a weight is another one."""
    if name == "x":
        return replace(problem, x=spoiled(problem.x, (1, 2, 3), value))
    (state,), (weights,) = problem.states, problem.weights
    if name == "h":
        return replace(problem, states=((spoiled(state[0], (2, 3), value), *state[1:]),))
    if name == "c":
        return replace(problem, states=((state[0], spoiled(state[1], (2, 3), value)),))
    changed = weights._replace(**{name: spoiled(getattr(weights, name), -2, value)})
    return replace(problem, weights=(changed,))


INPUTS = [(cell, name) for cell in CELLS for name in ("x", "h", "w_ih", "w_hh", "b_ih", "b_hh")]
INPUTS += [("lstm", "c"), ("lstm-projected", "c"), ("lstm-projected", "w_hr")]


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
@pytest.mark.parametrize(("cell", "name"), INPUTS)
def test_spread_as_in_the_equations(isa, cell, name, value):
    problem = spoil(draw(cell, 4, 5, 8, 17), name, value)
    ours = solve(problem, training=False)
    with np.errstate(invalid="ignore"):
        exact = expected(problem)
    for name in ours:
        np.testing.assert_allclose(ours[name], exact[name], rtol=1e-5, atol=1e-6, err_msg=name)


@pytest.mark.parametrize("value", [np.inf, np.nan])
@pytest.mark.parametrize("name", ["x", "dy"])
@pytest.mark.parametrize("cell", CELLS)
def test_a_spoiled_row_leaves_other_rows_alone(isa, cell, name, value):
    problem = draw(cell, 5, 9, 8, 17, lengths="ragged", direction="both")
    row = int(problem.lengths.argmax())
    others = np.delete(np.arange(9), row)
    clean = solve(problem)
    dirty = solve(replace(problem, **{name: spoiled(getattr(problem, name), (0, row), value)}))
    for answers in (clean, dirty):
        for each in [name for name in answers if name.startswith(("dw", "db"))]:
            del answers[each]  # the rows' sum
        for each, answer in answers.items():
            answers[each] = answer[others] if answer.ndim == 2 else answer[:, others]
    assert_same_bits(dirty, clean)
