"""Tokens as one-hot vectors."""

import torch
from torch import Tensor, nn

from ostinato._errors import InputError


class OneHot(nn.Module):
    """x_t = e_k: every token a vector of its own, independent of every other.

    Args:
        num_classes: How many different tokens there are, at least 1.

    Raises:
        TypeError: `num_classes` is not a whole number.
        ValueError: `num_classes` is less than 1.
    """

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        if isinstance(num_classes, bool) or not isinstance(num_classes, int):
            raise TypeError(f"num_classes={num_classes!r} is a {type(num_classes).__name__}: give an int")
        if num_classes < 1:
            raise InputError(f"num_classes={num_classes}: give at least 1")
        self.num_classes = num_classes

    def forward(self, ids: Tensor) -> Tensor:
        """Turn ids into vectors.

        Args:
            ids: (…), whole numbers from 0 to num_classes - 1.

        Returns:
            (…, num_classes) of torch's default floating type: 1 at the id, 0 elsewhere.

        Raises:
            TypeError: `ids` are not whole numbers.
            ValueError: An id is out of range.
        """
        if ids.dtype == torch.bool or ids.is_floating_point() or ids.is_complex():
            raise TypeError(f"ids are {ids.dtype}: give whole numbers, such as torch.long")
        ids = ids.long()
        outside = ids[(ids < 0) | (ids >= self.num_classes)]
        if len(outside) > 0:
            raise InputError(f"id {int(outside[0])} is outside 0 to {self.num_classes - 1}")
        one_hot = torch.zeros(*ids.shape, self.num_classes, device=ids.device)
        return one_hot.scatter_(-1, ids.unsqueeze(-1), 1.0)

    def extra_repr(self) -> str:
        """The arguments, for `repr`."""
        return str(self.num_classes)
