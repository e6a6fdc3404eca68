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
        if not whole(ids):
            raise TypeError(f"ids are {ids.dtype}: give whole numbers, such as torch.long")
        return one_hot(ids.long(), self.num_classes, torch.get_default_dtype())

    def extra_repr(self) -> str:
        """The arguments, for `repr`."""
        return str(self.num_classes)


def one_hot(ids: Tensor, num_classes: int, dtype: torch.dtype) -> Tensor:
    """Ids (…), int64, as vectors (…, num_classes): 1 at the id, 0 elsewhere.

    Raises:
        ValueError: An id is out of range.
    """
    check_ids(ids, num_classes)
    vectors = torch.zeros(*ids.shape, num_classes, dtype=dtype, device=ids.device)
    return vectors.scatter(-1, ids.unsqueeze(-1), 1.0)


def token_vectors(ids: Tensor, w_ih: Tensor, embedding: Tensor | None) -> Tensor:
    """The vectors that token ids stand for, of the weights' type: one-hot, or rows of the embedding.

    Raises:
        ValueError: An id is out of range.
    """
    if embedding is None:
        return one_hot(ids, w_ih.shape[1], w_ih.dtype)
    check_ids(ids, len(embedding))
    return nn.functional.embedding(ids, embedding)


def check_ids(ids: Tensor, num_classes: int) -> None:
    """Find the id that is out of range, if there is one.

    Raises:
        ValueError: An id is out of range.
    """
    if torch.compiler.is_compiling() or ids.is_meta:
        return  # there are no values to look at; torch's own gather or scatter will, when it runs
    outside = ids[(ids < 0) | (ids >= num_classes)]
    if len(outside) > 0:
        raise InputError(f"id {int(outside[0])} is outside 0 to {num_classes - 1}")


def whole(tensor: Tensor) -> bool:
    """Whether a tensor holds whole numbers."""
    return not (tensor.is_floating_point() or tensor.is_complex() or tensor.dtype == torch.bool)
