"""Windows of a series of numbers, for a recurrent layer to read instead of single steps."""

import torch
from torch import Tensor, nn

_LIMIT = 10.0  # standard deviations; what changes more is taken to change so much


class Windows(nn.Module):
    """Every `stride` steps, the 2·`stride` steps around and how they changed.

    A long series becomes a short one, over which a layer remembers better. The shape of a series is in its
    changes; in a smooth one they are small beside the numbers themselves and would drown in the sum, so they
    are given apart, on a scale of their own.

    Args:
        stride: steps from a window to the next one, and those that a change is over.
        changes: (D,) the standard deviation of each number's change.
    """

    def __init__(self, stride: int, changes: tuple[float, ...]) -> None:
        super().__init__()
        self.stride = stride
        self.changes = changes

    def forward(self, x: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Steps to windows. Beyond a row's ends its first and its last step go on; padding is not read.

        Args:
            x: (T, B, D).
            lengths: (B,) int64, 1 to T.

        Returns:
            (⌈T / stride⌉, B, 4·stride·D), and ⌈lengths / stride⌉.
        """
        at, stride = torch.arange(len(x), device=x.device), self.stride
        changes = (x - _steps(x, at - stride, lengths)) / x.new_tensor(self.changes)
        steps = torch.cat([x, changes.clamp(-_LIMIT, _LIMIT)], dim=-1)
        centres = at[::stride] + stride // 2
        around = torch.arange(-stride, stride, device=x.device)
        windows = _steps(steps, centres[:, None] + around, lengths)
        return windows.transpose(1, 2).flatten(2), (lengths + stride - 1) // stride

    def extra_repr(self) -> str:
        """The stride, for `repr`."""
        return f"stride={self.stride}"


def _steps(x: Tensor, at: Tensor, lengths: Tensor) -> Tensor:
    """The steps of each row of (T, B, D) at times (…), as (…, B, D)."""
    rows = torch.arange(x.shape[1], device=x.device)
    return x[at.clamp(min=0).unsqueeze(-1).minimum(lengths.to(x.device) - 1), rows]
