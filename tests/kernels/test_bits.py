"""What must not change a single bit of a row's outputs and states, and of gradients."""

from dataclasses import replace

import numpy as np
import pytest

from .native import LAYOUTS, solve
from .problems import CELLS, assert_same_bits, draw, without_gradients

pytestmark = [
    pytest.mark.parametrize("size", [(5, 9, 3, 5), (4, 22, 33, 70)], ids=["small", "large"]),
    pytest.mark.parametrize("cell", CELLS),
]


def taken(answers, rows, steps=slice(None)):
    """Outputs and final states of some of the rows."""
    return {
        name: answer[steps, rows] if name == "y" else answer[rows]
        for name, answer in answers.items()
        if name == "y" or "_n" in name
    }


def test_a_row_alone_equals_the_row_in_a_batch(isa, cell, size):
    problem = draw(cell, *size, lengths="zeros", direction="both")
    batch = solve(problem, training=False)
    for row in range(len(problem.lengths)):
        assert_same_bits(solve(problem.rows([row]), training=False), taken(batch, [row]))


def test_a_row_without_padding_equals_the_row_with_padding(isa, cell, size):
    problem = draw(cell, *size, lengths="ragged", direction="both")
    batch = solve(problem, training=False)
    for row, length in enumerate(problem.lengths):
        real = slice(length)
        alone = solve(problem.rows([row]).steps(real), training=False)
        assert_same_bits(alone, taken(batch, [row], real))


def test_the_order_of_the_rows_does_not_matter(isa, cell, size):
    problem = draw(cell, *size, lengths="zeros", direction="both")
    order = np.random.default_rng(0).permutation(size[1])
    turned = solve(problem.rows(order), training=False)
    assert_same_bits(turned, taken(solve(problem, training=False), order))


@pytest.mark.parametrize("lengths", ["dense", "zeros"])
def test_the_number_of_threads_does_not_matter_forward(isa, cell, size, lengths):
    problem = draw(cell, *size, lengths=lengths, direction="both")
    one = without_gradients(solve(problem))
    for threads in (2, 3, 5):
        assert_same_bits(without_gradients(solve(problem, threads=threads)), one)


@pytest.mark.parametrize(("lengths", "threads"), [("zeros", 1), ("zeros", 2), ("dense", 3)])
def test_gradients_are_the_same_every_time(isa, cell, size, lengths, threads):
    problem = draw(cell, *size, lengths=lengths, direction="both")
    assert_same_bits(solve(problem, threads=threads), solve(problem, threads=threads))


@pytest.mark.parametrize("threads", [3, 4])
def test_gradients_summed_by_threads_are_the_same_every_time(isa, cell, size, threads):
    _, _, inputs, H = size
    problem = draw(cell, 20, 40, inputs, H, lengths="ragged", direction="forward")
    assert_same_bits(solve(problem, threads=threads), solve(problem, threads=threads))


@pytest.mark.parametrize("layout", [layout for layout in LAYOUTS if layout != "time-first"])
def test_the_layout_does_not_matter(isa, cell, size, layout):
    problem = draw(cell, *size, lengths="zeros", direction="both")
    assert_same_bits(solve(problem, layout=layout), solve(problem))


def test_packed_equals_padded(isa, cell, size):
    problem = draw(cell, *size, lengths="sorted", direction="both")
    assert_same_bits(solve(problem, layout="packed"), solve(problem))


def test_lengths_that_leave_nothing_out_do_not_matter(isa, cell, size):
    problem = draw(cell, *size, direction="both")
    T, B, _, _ = size
    assert_same_bits(solve(replace(problem, lengths=np.full(B, T))), solve(problem))


def test_inference_equals_training(isa, cell, size):
    problem = draw(cell, *size, lengths="zeros", direction="both")
    inference = solve(problem, training=False)
    training = solve(problem)
    assert_same_bits(inference, {name: training[name] for name in inference})


def test_two_calls_equal_one(isa, cell, size):
    problem = draw(cell, *size)
    first = solve(problem.steps(slice(2)), training=False)
    carried = tuple(first[f"{s}_n[0]"] for s in ("h", "c") if f"{s}_n[0]" in first)
    second = solve(replace(problem.steps(slice(2, None)), states=(carried,)), training=False)
    both = second | {"y": np.concatenate([first["y"], second["y"]])}
    assert_same_bits(both, solve(problem, training=False))
