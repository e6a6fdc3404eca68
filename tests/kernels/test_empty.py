"""Arrays in memory that is used again."""

import numpy as np
import pytest

from ostinato import kernels

SIZES = [(0,), (1,), (3, 5, 7), (2**20,), (3, 700, 600)]  # the last ones take 4 MiB and more


@pytest.mark.parametrize("shape", SIZES)
def test_is_an_array_to_be_written(shape):
    array = kernels.empty(shape)
    assert (array.shape, array.dtype) == (shape, np.float32)
    assert array.flags.writeable and array.flags.c_contiguous
    assert array.ctypes.data % 64 == 0


@pytest.mark.parametrize("shape", SIZES[1:])
def test_holds_what_is_written_however_often_its_memory_was_used(shape):
    for value in range(40):  # large memory is exchanged for huge pages on the way
        first, second = kernels.empty(shape), kernels.empty(shape)
        first.fill(value)
        second.fill(-1)
        assert (first == value).all()
        del first, second
