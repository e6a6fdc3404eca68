"""Large arrays that come and go with every call."""

from math import prod

from ostinato.kernels import _native
from ostinato.kernels._arrays import Array, Shape


def empty(shape: Shape) -> Array:
    """As `numpy.empty` of float32, in memory that is kept for the next array when this one is no longer used.

    What a training step keeps for its backward pass is tens of megabytes. From the operating system they come
    page by page, each filled with zeros, which takes up to a tenth of the step. At most 256 MiB are kept.

    Raises:
        MemoryError: There is none.
    """
    return _native.empty(prod(shape)).reshape(shape)
