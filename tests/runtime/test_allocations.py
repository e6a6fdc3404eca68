"""A step whose arrays are given takes no memory, from Python or from the kernels."""

import sys
import tracemalloc

import pytest

from ostinato import kernels

from .stacks import CELLS, arrays, draw, layers, module


@pytest.mark.parametrize("rows", [None, 1, 60], ids=["a-vector", "one-row", "sixty-rows"])
@pytest.mark.parametrize("precision", ["float32", "bfloat16", "int8"])
@pytest.mark.parametrize("cell", CELLS)
def test_a_step_allocates_nothing(cell, precision, rows):
    stack = layers(cell, arrays(module(cell, 5, 20, 2)), precision=precision)
    x = draw(5) if rows is None else draw(rows, 5)
    out = stack.step(x)
    state = out[1]
    step = stack.step
    step(x, state, out)  # the scratch of this thread has its size
    kernels_before, python_before = kernels.allocations(), sys.getallocatedblocks()
    tracemalloc.start()
    tracemalloc.reset_peak()
    before, _ = tracemalloc.get_traced_memory()
    step(x, state, out)
    step(x, state, out)
    now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert now == before
    assert peak - before < 200  # of numbers that Python makes while it counts
    assert kernels.allocations() == kernels_before
    assert sys.getallocatedblocks() - python_before < 20  # tracemalloc's own
