"""Any instruction set the machine has can be forced by name, and one that it lacks is told."""

import os
import re
import subprocess
import sys

import numpy as np
import pytest

from ostinato import InputError, kernels

from .problems import draw

AVAILABLE = kernels.instruction_sets()


def run(isa, *command):
    environment = {name: value for name, value in os.environ.items() if name != "OSTINATO_ISA"}
    if isa is not None:
        environment["OSTINATO_ISA"] = isa
    return subprocess.run(
        [sys.executable, *command], env=environment, capture_output=True, text=True, timeout=120
    )


def in_use(isa):
    return run(isa, "-c", "from ostinato import kernels; print(kernels.instruction_set())").stdout.strip()


def test_the_baseline_is_always_there():
    assert AVAILABLE[0] in ("baseline", "neon")
    assert len(set(AVAILABLE)) == len(AVAILABLE)


@pytest.mark.parametrize("isa", [None, ""], ids=["unset", "empty"])
def test_the_best_is_taken(isa):
    assert in_use(isa) == AVAILABLE[-1]


@pytest.mark.parametrize("isa", AVAILABLE)
def test_the_environment_forces_one(isa):
    assert in_use(isa) == isa


def test_one_that_is_not_there_is_told_at_first_use():
    code = "from ostinato import kernels; print('imported'); kernels.instruction_set()"
    done = run("avx9", "-c", code)
    assert done.stdout == "imported\n"
    names = ", ".join(AVAILABLE)
    assert done.stderr.splitlines()[-1].endswith(
        f"InputError: OSTINATO_ISA is 'avx9', which this machine cannot run; it has: {names}"
    )


def test_the_command_line_tells_it_in_one_line():
    done = run("avx9", "-c", "from ostinato.cli import main; main()", "demo", "hello")
    assert done.returncode == 2
    assert re.fullmatch(r"error: OSTINATO_ISA is 'avx9', which this machine cannot run; .*\n", done.stderr)


def test_within_a_context():
    before = kernels.instruction_set()
    with kernels.use_instruction_set(AVAILABLE[0]):
        assert kernels.instruction_set() == AVAILABLE[0]
        with pytest.raises(ZeroDivisionError), kernels.use_instruction_set(AVAILABLE[-1]):
            assert kernels.instruction_set() == AVAILABLE[-1]
            1 / 0  # noqa: B018
        assert kernels.instruction_set() == AVAILABLE[0]
    assert kernels.instruction_set() == before


def test_a_context_that_cannot_be():
    before = kernels.instruction_set()
    with (
        pytest.raises(
            InputError, match=r"the instruction set is 'sse9', which this machine cannot run; it has: "
        ),
        kernels.use_instruction_set("sse9"),
    ):
        pass
    assert kernels.instruction_set() == before


@pytest.mark.skipif(len(AVAILABLE) == 1, reason="this machine has one instruction set")
def test_packed_weights_stay_with_the_kernels_that_packed_them():
    problem = draw("lstm", 1, 3, 17, 40)

    def step(packed):
        out = tuple(s.copy() for s in problem.states[0])
        packed.step(problem.x[0], out, out)
        return out

    with kernels.use_instruction_set(AVAILABLE[0]):
        packed = kernels.Packed("lstm", problem.weights[0])
        expected = step(packed)
    with kernels.use_instruction_set(AVAILABLE[-1]):
        np.testing.assert_array_equal(step(packed), expected)
