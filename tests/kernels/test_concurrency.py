"""Several Python threads at once, and processes forked after use."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ostinato import kernels

from .native import solve, solve_by_steps
from .problems import CELLS, assert_same_bits, draw

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("workers", [2, 4])
@pytest.mark.parametrize("threads", [1, 2])
def test_python_threads_do_not_disturb_each_other(workers, threads):
    problems = [draw(cell, 6, 22, 33, 40, lengths="zeros", direction="both") for cell in CELLS]

    def solution(problem):
        return solve(problem, threads=threads)

    alone = [solution(problem) for problem in problems]
    for _ in range(3):  # each time threads that the kernels have not seen before
        with ThreadPoolExecutor(workers) as pool:
            for ours, theirs in zip(pool.map(solution, 2 * problems), 2 * alone, strict=True):
                assert_same_bits(ours, theirs)


def test_packed_weights_serve_several_threads():
    problem = draw("gru", 1, 4, 33, 40)
    packed = kernels.Packed(problem.kind, problem.weights[0])

    def step(_):
        out = (problem.states[0][0].copy(),)
        packed.step(problem.x[0], out, out)
        return {"h_n[0]": out[0]}

    expected = {"h_n[0]": solve_by_steps(problem)["h_n[0]"]}
    with ThreadPoolExecutor(4) as pool:
        for ours in pool.map(step, range(200)):
            assert_same_bits(ours, expected)


@pytest.mark.parametrize("beside", [[], ["torch"]], ids=["alone", "beside-torch"])
def test_works_after_a_fork(beside):
    """A deadlock ends at the timeout."""
    command = [sys.executable, "-m", "tests.kernels.forking", *beside]
    done = subprocess.run(command, cwd=ROOT, timeout=120, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
