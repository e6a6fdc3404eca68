"""What is not asked for is not written; and the guards around all arrays of these tests see who does."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from .guarded import GUARD, Memory
from .native import LAYOUTS, solve
from .problems import CELLS, assert_same_bits, draw


@pytest.mark.parametrize(
    ("size", "threads"), [((3, 9, 17, 8), 1), ((20, 33, 17, 8), 4)], ids=["one-thread", "own-rows"]
)
@pytest.mark.parametrize("cell", CELLS)
def test_an_unwanted_gradient_leaves_the_others_as_they_are(isa, cell, size, threads):
    problem = draw(cell, *size, lengths="zeros", direction="both")
    whole = solve(problem, threads=threads)
    for unwanted in [name for name in whole if name.startswith(("dx", "dw", "db"))]:
        others = {name: answer for name, answer in whole.items() if name != unwanted}
        assert_same_bits(solve(problem, threads=threads, unwanted=[unwanted]), others)


@pytest.mark.parametrize("cell", CELLS)
def test_no_gradient_wanted_but_the_states(isa, cell):
    problem = draw(cell, 3, 9, 17, 8, direction="both")
    whole = solve(problem)
    unwanted = [name for name in whole if name.startswith(("dx", "dw", "db"))]
    states = {name: answer for name, answer in whole.items() if name not in unwanted}
    assert_same_bits(solve(problem, unwanted=unwanted), states)


def test_nothing_behind_an_array_is_touched():
    command = [sys.executable, "-X", "faulthandler", "-m", "tests.kernels.fences"]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("where", [0, GUARD, GUARD + 13, -1])
def test_a_write_around_an_array_is_seen(where):
    memory = Memory()
    memory.blank((3, 4)).base[where] = 0  # the first array begins one word after its guard
    with pytest.raises(AssertionError):
        memory.check()


def test_a_write_between_the_rows_is_seen():
    memory = Memory()
    view = memory.blank(*LAYOUTS["gaps"](3, 4, 5))
    memory.check()
    view.base[...] = 0
    with pytest.raises(AssertionError):
        memory.check()


def test_a_changed_input_is_seen():
    memory = Memory()
    view = memory.given(np.ones((3, 4), np.float32))
    memory.check()
    view.flags.writeable = True
    view[1, 1] = 2
    with pytest.raises(AssertionError):
        memory.check()


def test_arrays_are_not_aligned_to_vectors():
    memory = Memory()
    for _ in range(20):
        assert memory.blank((4,)).ctypes.data % 8 == 4
