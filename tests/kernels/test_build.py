"""What the build leaves: one level's instructions in no other's functions, and nothing of this very machine.

The linker keeps one of several weak functions of a name. Were it the one compiled for AVX-512, it would run
where there is none; so would a static initialiser, before anybody has asked what the machine can do.
"""

import re
import subprocess
from pathlib import Path

import pytest

BUILD = Path(__file__).parents[2] / "build" / "native"
OBJECTS = {
    re.search(r"kernels_(\w+)\.dir", str(path))[1]: path
    for path in sorted(BUILD.glob("CMakeFiles/kernels_*.dir/**/*.o"))
}
WIDEST_REGISTERS = {"baseline": "xmm", "avx2": "ymm", "avx512": "zmm", "amx": "zmm"}

every_level = pytest.mark.parametrize("level", OBJECTS)


def lines(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


def test_every_level_is_there():
    """`make` builds in build/native, and leaves the objects there."""
    assert set(OBJECTS) in (set(WIDEST_REGISTERS), {"neon"}, {"baseline"})


@every_level
def test_a_level_shares_nothing_but_its_table(level):
    symbols = lines("nm", "--defined-only", "--extern-only", "--demangle", "--format=posix", OBJECTS[level])
    names = {re.sub(r" [A-Za-z] [0-9a-f ]*$", "", symbol) for symbol in symbols}
    foreign = {name for name in names if f"ostinato::{level}::" not in name}
    assert foreign == {f"ostinato::kernels_{level}"}


@every_level
def test_a_level_runs_nothing_when_it_is_loaded(level):
    sections = " ".join(lines("objdump", "--section-headers", OBJECTS[level]))
    assert ".text" in sections
    assert ".init_array" not in sections
    assert ".ctors" not in sections


@pytest.mark.parametrize("level", [level for level in OBJECTS if level in WIDEST_REGISTERS])
def test_a_level_keeps_to_its_registers(level):
    registers = set(re.findall(r"%([xyz]mm)", "\n".join(lines("objdump", "--disassemble", OBJECTS[level]))))
    assert max(registers) == WIDEST_REGISTERS[level]


@pytest.mark.parametrize("level", [level for level in OBJECTS if level in WIDEST_REGISTERS])
def test_tiles_are_for_the_matrix_unit_alone(level):
    code = "\n".join(lines("objdump", "--disassemble", OBJECTS[level]))
    assert ("tdpbf16ps" in code) == (level == "amx")


def test_everything_else_keeps_to_the_baseline():
    objects = BUILD.glob("CMakeFiles/_native.dir/**/*.o")
    code = "\n".join(lines("objdump", "--disassemble", *objects))
    assert "file format" in code
    assert not re.search(r"%[yz]mm|%tmm", code)


def test_nothing_is_compiled_for_this_very_machine():
    commands = (BUILD / "build.ninja").read_text()
    assert "kernels.cpp" in commands
    assert not re.search(r"-m(arch|cpu|tune)=|-ffast-math|-flto", commands)
