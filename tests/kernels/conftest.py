"""Every instruction set this machine can run, one after the other."""

import pytest
from threadpoolctl import threadpool_limits

from ostinato import kernels


@pytest.fixture(params=kernels.instruction_sets())
def isa(request):
    """The test runs once for each instruction set."""
    with kernels.use_instruction_set(request.param):
        yield request.param


@pytest.fixture(autouse=True, scope="session")
def one_blas_thread():
    """The reference's products are tiny; numpy's threads would wait for each other most of the time."""
    with threadpool_limits(1, user_api="blas"):
        yield
