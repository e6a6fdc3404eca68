"""Outputs, states, gates and every gradient of the kernels against the equations in float64.

The relative error of an array is its largest difference over its largest value. Every array lies between
canaries, outputs are full of NaN before, padding holds NaN, and inputs may not be written; see `guarded.py`.
"""

from itertools import cycle, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ostinato import kernels

from .native import LAYOUTS, solve
from .problems import CELLS, DIRECTIONS, LENGTHS, assert_close, draw, expected

SIZES = (1, 3, 8, 17, 33, 64)
DESIGN = [
    (SIZES[(b - h) % 6], SIZES[b], SIZES[(b + h) % 6], SIZES[h]) for b, h in product(range(6), repeat=2)
]
"""Sizes (T, B, I, H) in which any two of B, I and H, and of T, B and H, meet at all their values."""

FORMS = [*product(LENGTHS[:-1], ("time-first", "batch-first", "gaps")), ("sorted", "packed")]


def case(size, cell, direction, form, bias):
    (lengths, layout), sizes = form, "x".join(map(str, size))
    name = f"{cell}-{direction}-{lengths}-{layout}-{'bias' if bias else 'no-bias'}-{sizes}"
    options = {"lengths": lengths, "direction": direction, "bias": bias}
    return pytest.param((cell, *size), options, layout, id=name)


COMBINATIONS = product(CELLS, DIRECTIONS, FORMS, (True, False))
CASES = [case(size, *combination) for size, combination in zip(cycle(DESIGN), COMBINATIONS, strict=False)]
"""Every combination of everything else, each at the next sizes of the design, which comes round ten times."""

LARGE = {
    "many-slots": (150, 17, 5, 7),
    "many-inputs": (3, 5, 700, 20),
    "many-units": (3, 5, 40, 300),
    "many-rows": (2, 300, 3, 5),
    "few-rows": (30, 2, 70, 65),
    "large": (7, 70, 130, 97),
}
"""Beyond the sizes at which the kernels cut their work into blocks."""


@pytest.mark.parametrize(("size", "options", "layout"), CASES)
def test_equals_the_equations(isa, size, options, layout):
    problem = draw(*size, **options)
    assert_close(solve(problem, layout=layout), expected(problem))


@pytest.mark.parametrize(("lengths", "threads"), [("ragged", 1), ("dense", 3)])
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("size", LARGE.values(), ids=list(LARGE))
def test_equals_the_equations_when_large(isa, size, cell, lengths, threads):
    problem = draw(cell, *size, lengths=lengths, direction="both")
    assert_close(solve(problem, threads=threads), expected(problem))


OWN_ROWS = [
    *product(
        [(40, 35, 20, 33), (20, 62, 9, 17)],  # 62 rows: 15 and 16, as few and as many as a tile has
        ["dense", "zeros"],
        [("forward", 2), ("reverse", 4), ("both", 2), ("both", 4)],
    ),
    *product([(66, 35, 20, 130)], ["dense"], [("forward", 2), ("both", 2)]),  # several chunks
]
"""Rows and slots enough for every thread to go back through time with rows of its own."""


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(("size", "lengths", "direction_and_threads"), OWN_ROWS)
def test_equals_the_equations_when_threads_have_own_rows(isa, size, lengths, direction_and_threads, cell):
    direction, threads = direction_and_threads
    problem = draw(cell, *size, lengths=lengths, direction=direction)
    assert_close(solve(problem, threads=threads), expected(problem))


def problems(lengths):
    return st.builds(
        draw,
        st.sampled_from(CELLS),
        st.integers(1, 20),
        *[st.integers(1, 70)] * 3,
        lengths=st.sampled_from(lengths),
        direction=st.sampled_from(list(DIRECTIONS)),
        bias=st.booleans(),
        tokens=st.sampled_from([None, None, "one-hot", "embedding"]),
        seed=st.integers(0, 99),
    )


padded = st.tuples(problems(LENGTHS), st.sampled_from(list(LAYOUTS)))
packed = st.tuples(problems(["sorted"]), st.just("packed"))


@settings(deadline=None, max_examples=250)
@given(padded | packed, st.sampled_from(kernels.instruction_sets()), st.integers(1, 4))
def test_equals_the_equations_at_any_size(drawn, isa, threads):
    problem, layout = drawn
    with kernels.use_instruction_set(isa):
        ours = solve(problem, layout=layout, threads=threads)
    # Of so many arrays one is a single number, a small difference of large ones: hence not 1e-5.
    assert_close(ours, expected(problem), tolerance=1e-4)
