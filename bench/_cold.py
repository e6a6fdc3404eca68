"""The first call of all: `python bench/_cold.py PEER ROW THREADS` prints its seconds.

From the weights, the packages being imported, to the gradients: what a peer makes of the weights, compiles or
starts first is part of it.
"""

import subprocess
import sys
import time
from importlib import import_module

from _contenders import installed, set_threads
from _rows import ROWS, Problem
from _timing import Sampler


def cold(peer: str, row: str, threads: int) -> Sampler:
    """Seconds of the first call in a fresh process."""
    command = [sys.executable, __file__, peer, row, str(threads)]
    return lambda: float(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)


def main(peer: str, row: str, threads: str) -> None:
    """Time one call."""
    set_threads(int(threads))
    problem = Problem(ROWS[row])
    import_module("torch.fx.experimental.symbolic_shapes")  # or torch does so at the first gradient: 0.2 s
    (make,) = (p for p in installed()[0] if p.name == peer and p.takes(problem.row))
    start = time.perf_counter()
    make(problem)(0)
    print(time.perf_counter() - start)


if __name__ == "__main__":
    main(*sys.argv[1:])
