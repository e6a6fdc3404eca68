"""Of the outputs at all steps, one vector for the whole sequence."""

import torch
from torch import Tensor, nn

from ostinato._errors import InputError
from ostinato.nn._lengths import real_steps

POOLINGS = ("last", "mean", "max", "last+mean+max", "attention")


class Pooling(nn.Module):
    """Outputs (T, B, F) to one vector per row, (B, F'). Nothing past a row's length is read.

    - "last": the final state: the forward half of the last real step, the backward half of the first.
    - "mean", "max": over the real steps.
    - "last+mean+max": all three, one after the other (Howard & Ruder 2018), F' = 3F.
    - "attention": the mean weighted by α_t = softmax_t(v·tanh(W y_t + b)) (Bahdanau et al. 2015; Yang et al.
      2016), with W, b and v learned.

    Args:
        how: one of these words.
        features: F.
        bidirectional: whether the second half of the F numbers was read backwards in time.

    Attributes:
        out_features: F'; F unless said otherwise.

    Raises:
        ValueError: there is no such pooling.
    """

    def __init__(self, how: str, features: int, bidirectional: bool = False) -> None:
        super().__init__()
        if how not in POOLINGS:
            raise InputError(f"pooling is {how!r}: choose one of {', '.join(POOLINGS)}")
        self.how = how
        self.out_features = 3 * features if how == "last+mean+max" else features
        self._forward_features = features // 2 if bidirectional else features
        if how == "attention":
            self.hidden = nn.Linear(features, features)
            self.score = nn.Linear(features, 1, bias=False)

    def forward(self, y: Tensor, lengths: Tensor) -> Tensor:
        """Pool each row over its own steps.

        Args:
            y: (T, B, F).
            lengths: (B,) int64, 1 to T: how many steps of each row are real.

        Returns:
            (B, F').
        """
        if self.how == "last":
            return self._last(y, lengths.to(y.device))
        real = real_steps(y, lengths).unsqueeze(-1)
        if self.how == "max":
            return _max(y, real)
        if self.how == "attention":
            return (self.weights(y, lengths).unsqueeze(-1) * y.masked_fill(~real, 0)).sum(0)
        mean = y.masked_fill(~real, 0).sum(0) / lengths.to(y.device, y.dtype).unsqueeze(-1)
        if self.how == "mean":
            return mean
        return torch.cat([self._last(y, lengths.to(y.device)), mean, _max(y, real)], dim=-1)

    def weights(self, y: Tensor, lengths: Tensor) -> Tensor:
        """The share α of each step in "attention", (T, B): of each row they sum to 1, and are 0 past its end.

        Arguments are those of `forward`.
        """
        real = real_steps(y, lengths)
        hidden = torch.tanh(self.hidden(y.masked_fill(~real.unsqueeze(-1), 0)))
        scores: Tensor = self.score(hidden).squeeze(-1)
        return scores.masked_fill(~real, -torch.inf).softmax(dim=0)

    def _last(self, y: Tensor, lengths: Tensor) -> Tensor:
        forward = self._forward_features
        rows = torch.arange(y.shape[1], device=y.device)
        return torch.cat([y[lengths - 1, rows, :forward], y[0, :, forward:]], dim=-1)

    def extra_repr(self) -> str:
        """The pooling's name, for `repr`."""
        return repr(self.how)


def _max(y: Tensor, real: Tensor) -> Tensor:
    return y.masked_fill(~real, -torch.inf).amax(0)
