"""A process that solves problems in arrays behind which there is no memory: it dies if one reaches there."""

from itertools import product

from ostinato import kernels

from .guarded import Fenced
from .native import solve, solve_by_steps, step_a_stack
from .problems import CELLS, draw

SIZES = [(3, 5, 3, 5), (2, 9, 33, 17), (2, 7, 8, 97)]


def main():
    for isa, cell, size in product(kernels.instruction_sets(), CELLS, SIZES):
        with kernels.use_instruction_set(isa):
            for tokens in (None, "one-hot", "embedding"):
                solve(draw(cell, *size, lengths="zeros", direction="both", tokens=tokens), memory=Fenced)
            solve(draw(cell, *size, lengths="sorted"), layout="packed", memory=Fenced)
            solve(draw(cell, *size, bias=False), layout="batch-first", training=False, memory=Fenced)
            solve_by_steps(draw(cell, *size), memory=Fenced)
            for precision in ("float32", "bfloat16", "int8"):
                step_a_stack(draw(cell, *size), precision, memory=Fenced)


if __name__ == "__main__":
    main()
