"""Dropout that is the same at all steps of a sequence."""

import torch
from torch import Tensor, nn


class LockedDropout(nn.Module):
    """Sets the same numbers of a row to zero at each of its steps, in training (Gal & Ghahramani 2016).

    What is left is scaled by 1 / (1 - p), as `torch.nn.Dropout` does.

    Args:
        p: the share.
    """

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        """Drop of (T, B, D), or of (B, D)."""
        if not self.training or self.p == 0:
            return x
        mask = torch.empty_like(x[:1] if x.dim() == 3 else x).bernoulli_(1 - self.p).div_(1 - self.p)
        return x * mask

    def extra_repr(self) -> str:
        """The share, for `repr`."""
        return f"p={self.p}"
