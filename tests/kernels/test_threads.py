"""Whose threads the kernels use: torch's where torch is there, otherwise their own. Counted by the system."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="counts threads in /proc")

BEGIN = """
import os
from tests.kernels.native import solve
from tests.kernels.problems import draw

problem = draw("lstm", 5, 22, 33, 40)

def new_threads(act):
    before = set(os.listdir("/proc/self/task"))
    act()
    return len(set(os.listdir("/proc/self/task")) - before)

def ours(threads=3):
    solve(problem, threads=threads)

def import_torch():
    import torch
    torch.set_num_threads(3)
    torch.ones(300_000).exp_()
"""


def counted(*acts):
    code = BEGIN + f"print([new_threads(act) for act in ({', '.join(acts)},)])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_without_torch_they_start_their_own_once():
    assert counted("lambda: ours(1)", "ours", "ours", "lambda: ours(2)", "ours") == "[0, 2, 0, 0, 0]"


def test_beside_torch_they_use_torchs():
    assert counted("import_torch", "ours", "ours").endswith(", 0, 0]")


def test_torch_may_be_imported_later():
    assert counted("ours", "import_torch", "ours").endswith(", 0]")
