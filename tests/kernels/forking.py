"""A process that uses the kernels, forks, and uses them again: in children and in the parent.

Run as a module, so that nothing is loaded but what it imports. With "torch" as argument torch's threads are
used first, as where a model is trained.
"""

import multiprocessing
import os
import sys
import threading
import traceback
import warnings

from .native import solve
from .problems import assert_same_bits, draw

problem = draw("lstm", 5, 22, 33, 40, lengths="zeros", direction="both")


def solution(_=None):
    return solve(problem, threads=2)


def child_agrees(expected):
    child = os.fork()
    if not child:
        try:
            assert_same_bits(solution(), expected)
            os._exit(0)
        finally:
            traceback.print_exc()
            os._exit(1)
    _, status = os.waitpid(child, 0)
    return status == 0


def children_agree_while_a_thread_is_busy(expected):
    done = threading.Event()

    def work():
        while not done.is_set():
            solution()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        return all(child_agrees(expected) for _ in range(5))
    finally:
        done.set()
        worker.join()


def main():
    if "torch" in sys.argv:
        import torch

        torch.set_num_threads(2)
        torch.ones(500, 500) @ torch.ones(500, 500)
    warnings.simplefilter("ignore", DeprecationWarning)  # newer Pythons warn of forks beside threads
    expected = solution()
    assert child_agrees(expected)
    assert children_agree_while_a_thread_is_busy(expected)
    with multiprocessing.get_context("fork").Pool(2) as pool:
        for answers in pool.map(solution, range(4)):
            assert_same_bits(answers, expected)
    assert_same_bits(solution(), expected)
    assert ("torch" in sys.modules) == ("torch" in sys.argv)


if __name__ == "__main__":
    main()
