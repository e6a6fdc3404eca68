"""The shape of a forecast's distribution: the same at each step, which shifts it and makes it wider."""

from collections.abc import Sequence
from statistics import NormalDist

import torch
from scipy.special import stdtrit
from torch import Tensor, nn
from torch.nn.functional import softplus

_LEVELS = (0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975)
_NORMAL_DEGREES = 30.0  # of freedom with which a Student-t distribution is hardly told from a normal one


class QuantileShape(nn.Module):
    """Quantiles at some levels, which begin as those of the normal distribution.

    The loss is the pinball loss, the mean over the levels of max(τ e, (τ - 1) e) (Koenker and Bassett 1978).
    """

    def __init__(self) -> None:
        super().__init__()
        self.median = nn.Parameter(torch.zeros(1))
        self.log_widths = nn.Parameter(torch.zeros(len(_LEVELS) - 1))

    def quantiles(self) -> Tensor:
        """(Q,) at the levels, rising."""
        normal = self.median.new_tensor(_normal_quantiles(_LEVELS))
        above = (normal.diff() * self.log_widths.exp()).cumsum(0)
        quantiles = torch.cat([torch.zeros_like(self.median), above])
        return self.median + quantiles - quantiles[len(quantiles) // 2]

    def losses(self, corrections: Tensor, targets: Tensor) -> Tensor:
        """(…) of corrections (…, 2), shift and logarithm of the scale, where targets (…) are what came."""
        shift, log_scale = corrections[..., :1], corrections[..., 1:]
        errors = targets[..., None] - shift - log_scale.exp() * self.quantiles()
        levels = errors.new_tensor(_LEVELS)
        return torch.maximum(levels * errors, (levels - 1) * errors).mean(-1)

    def at(self, levels: Sequence[float]) -> Tensor:
        """(Q,) quantiles at any levels: linear, between and beyond the trained, in the normal quantiles."""
        known, knots = self.quantiles().double(), torch.tensor(_normal_quantiles(_LEVELS)).double()
        x = torch.tensor(_normal_quantiles(levels)).double()
        above = torch.searchsorted(knots, x).clamp(1, len(knots) - 1)
        share = (x - knots[above - 1]) / (knots[above] - knots[above - 1])
        return known[above - 1] + share * (known[above] - known[above - 1])

    @torch.no_grad()
    def shrink(self, share: float) -> None:
        """Keep only this share of what makes it other than normal."""
        self.median.mul_(share)
        self.log_widths.mul_(share)


class StudentShape(nn.Module):
    """A Student-t distribution of variance 1, which begins nearly normal; the loss is -log p."""

    def __init__(self) -> None:
        super().__init__()
        self.degrees = nn.Parameter(torch.zeros(1))

    def _degrees(self) -> Tensor:
        """ν, above 2."""
        return 2 + softplus(_NORMAL_DEGREES + 10 * self.degrees)

    def losses(self, corrections: Tensor, targets: Tensor) -> Tensor:
        """(…) of corrections (…, 2), shift and logarithm of the scale, where targets (…) are what came."""
        shift, log_scale = corrections.unbind(-1)
        df = self._degrees()
        scale = log_scale.exp() * ((df - 2) / df).sqrt()
        density = torch.lgamma((df + 1) / 2) - torch.lgamma(df / 2) - (torch.pi * df).log() / 2 - scale.log()
        return (df + 1) / 2 * torch.log1p(((targets - shift) / scale).square() / df) - density

    def at(self, levels: Sequence[float]) -> Tensor:
        """(Q,) quantiles at these levels."""
        df = self._degrees().double()
        standard = torch.tensor(stdtrit(df.item(), list(levels)), dtype=torch.float64)
        return standard * ((df - 2) / df).sqrt()

    @torch.no_grad()
    def shrink(self, share: float) -> None:
        """Keep only this share of what makes it other than normal."""
        self.degrees.mul_(share)


ForecastShape = QuantileShape | StudentShape
FORECAST_SHAPES: dict[str, type[ForecastShape]] = {"quantiles": QuantileShape, "student-t": StudentShape}


def _normal_quantiles(levels: Sequence[float]) -> list[float]:
    return [NormalDist().inv_cdf(level) for level in levels]
