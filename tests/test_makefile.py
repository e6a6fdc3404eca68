"""What `make` says where it cannot build."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LINE = (
    "Ostinato's kernels need a C++17 compiler, GCC 11 or Clang 13 or newer; {} is none. "
    "Install one (Debian, Ubuntu: apt install g++) or name yours: make CXX=/path/to/compiler"
)


@pytest.fixture
def empty_path(tmp_path, monkeypatch):
    """No program is found by its name but those of POSIX; in particular no compiler."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    return tmp_path


def make(folder, *arguments):
    """Begin to install into an environment that is not there yet."""
    command = [
        MAKE,
        "--no-print-directory",
        f"PYTHON={sys.executable}",
        f"VENV={folder}/venv",
        *arguments,
        "lint",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert not (folder / "venv").exists()
    return done.stderr.splitlines()


MAKE = shutil.which("make")


@pytest.mark.parametrize("arguments", [[], ["CXX=c++-of-old"]], ids=["none", "named"])
def test_no_compiler(empty_path, arguments):
    complaint, _ = make(empty_path, *arguments)
    assert complaint == LINE.format("c++-of-old" if arguments else "c++")


def test_a_compiler_that_is_too_old(empty_path):
    compiler = empty_path / "c++"
    compiler.write_text("#!/bin/sh\nexit 1\n")
    compiler.chmod(0o755)
    assert make(empty_path)[0] == LINE.format("c++")


def test_without_a_network(tmp_path):
    venv = tmp_path / "venv"
    (venv / "bin").mkdir(parents=True)
    python = venv / "bin" / "python"
    python.write_text("#!/bin/sh\necho no network >&2\nexit 1\n")
    python.chmod(0o755)
    for stamp in (".tools", ".ready"):
        (venv / stamp).touch()
    command = [MAKE, "--no-print-directory", f"VENV={venv}", "test"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    cause, advice, _ = done.stderr.splitlines()
    assert cause == "no network"
    assert advice.endswith("name a folder with their wheels: PIP_FIND_LINKS=FOLDER make test")
    assert not (venv / ".published").exists()
