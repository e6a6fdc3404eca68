"""Tokens straight in, one-hot or embedded, against the vectors they stand for."""

import pytest

from .native import solve
from .problems import CELLS, assert_close, assert_same_bits, draw, expected, without_gradients

TOKENS = ("one-hot", "embedding")
SIZES = {
    "one-token": (3, 4, 1, 5),
    "every-token-often": (9, 33, 3, 17),
    "most-tokens-once": (4, 5, 64, 33),
    "most-tokens-never": (3, 8, 1000, 17),
    "many-slots": (40, 33, 64, 8),
    "many-tokens": (40, 33, 1500, 5),
}

every_cell = pytest.mark.parametrize("cell", CELLS)
every_size = pytest.mark.parametrize("size", SIZES.values(), ids=list(SIZES))
every_form = pytest.mark.parametrize("tokens", TOKENS)


@pytest.mark.parametrize(
    ("lengths", "layout"),
    [("dense", "time-first"), ("zeros", "batch-first"), ("all-zero", "time-first"), ("sorted", "packed")],
)
@every_size
@every_form
@every_cell
def test_equals_the_equations(isa, cell, tokens, size, lengths, layout):
    problem = draw(cell, *size, tokens=tokens, lengths=lengths, direction="both")
    assert_close(solve(problem, layout=layout), expected(problem))


@pytest.mark.parametrize(("direction", "threads"), [("reverse", 3), ("both", 2), ("both", 4)])
@every_form
@every_cell
def test_equals_the_equations_when_threads_have_own_rows(isa, cell, tokens, direction, threads):
    problem = draw(cell, *SIZES["many-slots"], tokens=tokens, lengths="zeros", direction=direction)
    assert_close(solve(problem, threads=threads), expected(problem))


@every_size
@every_form
@every_cell
def test_equals_vectors_bit_for_bit(isa, cell, tokens, size):
    problem = draw(cell, *size, tokens=tokens, lengths="zeros", direction="both")
    ours = without_gradients(solve(problem, threads=3))
    assert_same_bits(ours, without_gradients(solve(problem.vectors())))


@every_form
@every_cell
def test_gradients_are_the_same_every_time(isa, cell, tokens):
    problem = draw(cell, *SIZES["many-slots"], tokens=tokens, lengths="zeros", direction="both")
    assert_same_bits(solve(problem, threads=2), solve(problem, threads=2))


@pytest.mark.parametrize("unwanted", ["dembedding", "dw_ih[0]", "dw_hh[1]"])
@every_form
def test_unwanted_gradients(isa, tokens, unwanted):
    problem = draw("gru", *SIZES["most-tokens-once"], tokens=tokens, direction="both")
    whole = solve(problem)
    whole.pop(unwanted, None)
    assert_same_bits(solve(problem, unwanted=[unwanted]), whole)
