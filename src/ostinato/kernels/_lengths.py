"""How long the rows of a batch are: `lengths` of a padded one, `batch_sizes` of a packed one."""

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError

_INT64 = np.dtype(np.int64)


def given_lengths(lengths: NDArray[np.int64], T: int, B: int) -> NDArray[np.int64]:
    """Each row's number of steps, in any order.

    Raises:
        TypeError: It is not an array of int64.
        InputError: There is not one for each row, or one is negative or larger than T.
    """
    lengths = _whole_numbers("lengths", lengths)
    if lengths.shape != (B,):
        raise InputError(f"lengths has shape {lengths.shape}: give one for each of the {B} rows")
    for row in np.flatnonzero((lengths < 0) | (lengths > T)):
        raise InputError(f"length {lengths[row]} of row {row} is outside 0 to {T}, the number of steps")
    return lengths


def given_batch_sizes(batch_sizes: NDArray[np.int64], N: int, B: int) -> NDArray[np.int64]:
    """How many rows take part in each step, as in a `PackedSequence`.

    Raises:
        TypeError: It is not an array of int64.
        InputError: They grow, are not in 1 to B, or do not add up to N.
    """
    sizes = _whole_numbers("batch_sizes", batch_sizes)
    if sizes.ndim != 1 or not sizes.size:
        raise InputError(f"batch_sizes has shape {sizes.shape}: give one number for each step")
    for step in np.flatnonzero((sizes < 1) | (sizes > np.minimum(B, np.append(B, sizes[:-1])))):
        raise InputError(
            f"batch_sizes[{step}] is {sizes[step]}: they are at least 1, at most {B}, and never grow"
        )
    if sizes.sum() != N:
        raise InputError(f"batch_sizes add up to {sizes.sum()}, and the packed input has {N} steps")
    return sizes


def _whole_numbers(name: str, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    if not isinstance(numbers, np.ndarray):
        raise TypeError(f"{name} is a {type(numbers).__name__}: give a numpy array of int64")
    if numbers.dtype != _INT64:
        raise TypeError(f"{name} has dtype {numbers.dtype}: give int64")
    return numbers.astype(np.int64, order="C")  # a copy: nobody changes it once it has been checked
