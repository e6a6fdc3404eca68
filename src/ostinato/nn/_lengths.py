"""`lengths`: a padded batch of sequences of different lengths, with its padding left out.

For the readable path the rows are put in order here, longest first, and only the real steps are handed on:
what stands in the padding is never read, and its gradient is exactly zero. The native kernels do this by
themselves.
"""

import operator
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ostinato._errors import InputError
from ostinato.nn._one_hot import whole

Lengths = Tensor | NDArray[np.integer[Any]] | Iterable[int]


@dataclass(frozen=True)
class Packing:
    """Where the real steps of a padded batch are, and in which order to take them."""

    batch_sizes: list[int]
    """How many rows reach step 1, 2, …; never growing, never zero."""
    steps: Tensor
    """(N,) indices of the real steps in the batch flattened to (T·B, ·)."""
    order: Tensor
    """(B,) the rows from the longest to the shortest."""
    inverse: Tensor
    """(B,) the permutation that undoes `order`."""

    def pack(self, x: Tensor) -> Tensor:
        """The real steps of a padded (T, B, I), as (N, I); or of (T, B), as (N,)."""
        return x.flatten(0, 1).index_select(0, self.steps)

    def pad(self, y: Tensor, T: int, B: int) -> Tensor:
        """(N, R) back in place in a (T, B, R) of zeros."""
        return y.new_zeros(T * B, y.shape[1]).index_copy(0, self.steps, y).view(T, B, y.shape[1])


def read_lengths(lengths: Lengths, B: int, T: int) -> Tensor:
    """The lengths of B rows of at most T steps, as int64 on the CPU.

    A tensor's values are not looked at, so that `torch.compile` need not know them; both paths check them.

    Raises:
        TypeError: They are not whole numbers.
        ValueError: They are not one number for each row, or one is negative or larger than T.
    """
    if isinstance(lengths, Tensor) and whole(lengths) and lengths.shape == (B,):
        return lengths.to("cpu", torch.int64)
    values = lengths.tolist() if hasattr(lengths, "tolist") else lengths
    if not isinstance(values, Iterable):
        raise InputError(f"lengths is {values!r}, a single number: give one length for each of the {B} rows")
    values = [_whole(value) for value in values]
    if len(values) != B:
        raise InputError(f"{len(values)} lengths for a batch of {B}: give one length for each row")
    _check_range(values, T)
    return torch.tensor(values, dtype=torch.int64)


def real_steps(x: Tensor, lengths: Tensor) -> Tensor:
    """Which steps of x, (T, B, ·), are real: (T, B) of bool."""
    return torch.arange(len(x), device=x.device).unsqueeze(-1) < lengths.to(x.device)


def _check_range(lengths: list[int], T: int) -> None:
    for row, length in enumerate(lengths):
        if not 0 <= length <= T:
            raise InputError(f"length {length} of row {row} is outside 0 to {T}, the input's number of steps")


def _whole(value: object) -> int:
    if isinstance(value, (list, tuple)) or getattr(value, "ndim", 0) > 0:
        raise InputError(f"lengths has more than one dimension: {value!r} should be one row's length")
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"length {value!r} is a {type(value).__name__}: lengths are whole numbers")
    try:
        return operator.index(value)
    except TypeError:  # a tensor of one float
        raise TypeError(f"length {value!r} is not a whole number: lengths are whole numbers") from None


def plan(lengths: list[int], T: int, device: torch.device) -> Packing:
    """How to pack a padded batch of T steps whose rows have these lengths.

    Raises:
        ValueError: A length is negative or larger than T.
    """
    _check_range(lengths, T)
    B = len(lengths)
    # sorted() is stable: rows of one length keep their order.
    order = torch.tensor(sorted(range(B), key=lambda row: -lengths[row]), dtype=torch.long)
    longest_first = torch.tensor(lengths, dtype=torch.long)[order]
    t = torch.arange(max(lengths, default=0))[:, None]
    real = t < longest_first
    return Packing(
        batch_sizes=real.sum(dim=1).tolist(),
        steps=(t * B + order)[real].to(device),
        order=order.to(device),
        inverse=order.argsort().to(device),
    )
