"""Which instruction set's kernels run.

The best that the machine has; or the one that the environment variable OSTINATO_ISA names, which is read
when kernels are first used.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from ostinato.kernels import _native


def instruction_sets() -> tuple[str, ...]:
    """Those this machine can run, the best last: of `baseline`, `avx2`, `avx512`, `amx`; on aarch64 `neon`.

    `amx` is `avx512` with the backward pass's products on the matrix unit of Intel's servers.
    """
    return _native.instruction_sets()


def instruction_set() -> str:
    """The one in use.

    Raises:
        InputError: OSTINATO_ISA names one that this machine does not have.
    """
    return _native.instruction_set()


@contextmanager
def use_instruction_set(name: str) -> Iterator[None]:
    """Within the context every thread uses this one. For tests and measurements.

    Raises:
        InputError: This machine does not have it.
    """
    before = instruction_set()
    _native.use_instruction_set(name)
    try:
        yield
    finally:
        _native.use_instruction_set(before)
