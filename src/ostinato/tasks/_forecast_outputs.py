"""What a forecasting network's outputs mean: quantiles, or the parameters of a Student-t distribution."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit
from torch import Tensor
from torch.nn.functional import softplus

from ostinato._errors import InputError

_LEVELS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975, 0.99)
_SMALLEST_SCALE = 1e-4  # of a Student-t distribution, where 1 is the window's scale


class ForecastOutputs(ABC):
    """The distribution of each step, told by K numbers, in units of the window's own."""

    kind: ClassVar[str]
    outputs: ClassVar[int]
    """K."""

    @abstractmethod
    def losses(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """(H, B) what outputs (H, B, K) cost where the values turn out to be targets (H, B)."""

    @abstractmethod
    def quantiles(self, outputs: NDArray[np.float32], levels: Sequence[float]) -> NDArray[np.float64]:
        """(…, Q) the quantiles of outputs (…, K) at levels between 0 and 1, never falling."""

    def to_json(self) -> dict[str, Any]:
        """Which it is."""
        return {"kind": self.kind}


class Quantiles(ForecastOutputs):
    """The median and, as distances from one to the next, the quantiles below and above it.

    The loss is the pinball loss, the mean over the levels of max(τ e, (τ - 1) e) (Koenker and Bassett 1978);
    between the levels, and beyond them, quantiles are linear in those of the normal distribution.
    """

    kind = "quantiles"
    outputs = len(_LEVELS)

    def losses(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """The pinball losses."""
        levels = torch.tensor(_LEVELS, dtype=outputs.dtype, device=outputs.device)
        errors = targets[..., None] - _rising(outputs)
        return torch.maximum(levels * errors, (levels - 1) * errors).mean(-1)

    def quantiles(self, outputs: NDArray[np.float32], levels: Sequence[float]) -> NDArray[np.float64]:
        """Interpolated between those that are trained."""
        trained = _rising(torch.from_numpy(outputs).double()).numpy()
        return np.asarray(trained @ _interpolation(np.asarray(levels)))


class StudentT(ForecastOutputs):
    """Location, scale and degrees of freedom, the last above 2; the loss is −log p."""

    kind = "student-t"
    outputs = 3

    def losses(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """−log p."""
        loc, scale, df = _location_scale_df(outputs)
        return -torch.distributions.StudentT(df, loc, scale, validate_args=False).log_prob(targets)

    def quantiles(self, outputs: NDArray[np.float32], levels: Sequence[float]) -> NDArray[np.float64]:
        """The distribution's."""
        loc, scale, df = (
            each.numpy()[..., None] for each in _location_scale_df(torch.from_numpy(outputs).double())
        )
        return np.asarray(loc + scale * stdtrit(df, np.asarray(levels)))


_KINDS: dict[str, type[ForecastOutputs]] = {kind.kind: kind for kind in (Quantiles, StudentT)}
FORECAST_OUTPUTS = tuple(_KINDS)


def forecast_outputs(kind: str) -> ForecastOutputs:
    """The outputs of that kind, one of `FORECAST_OUTPUTS`."""
    return _KINDS[kind]()


def outputs_from_json(value: Any) -> ForecastOutputs:
    """What `to_json` described; `InputError` for anything else."""
    kind = value.get("kind") if isinstance(value, dict) else None
    if not isinstance(kind, str) or kind not in _KINDS:
        raise InputError(f"the `kind` of a forecast must be one of {', '.join(_KINDS)}; save the model anew")
    return forecast_outputs(kind)


def _rising(outputs: Tensor) -> Tensor:
    """(…, K) quantiles: the median as it is told, the others as far from the next as softplus says."""
    middle = _LEVELS.index(0.5)
    median = outputs[..., middle : middle + 1]
    below = softplus(outputs[..., :middle]).flip(-1).cumsum(-1).flip(-1)
    above = softplus(outputs[..., middle + 1 :]).cumsum(-1)
    return torch.cat([median - below, median, median + above], dim=-1)


def _interpolation(levels: NDArray[np.float64]) -> NDArray[np.float64]:
    """(K, Q) with which trained quantiles (…, K) are to be multiplied to have those at other levels."""
    knots, at = ndtri(_LEVELS), ndtri(levels)
    above = np.searchsorted(knots, at).clip(1, len(knots) - 1)
    share = (at - knots[above - 1]) / (knots[above] - knots[above - 1])
    weights = np.zeros((len(knots), len(levels)))
    columns = np.arange(len(levels))
    weights[above - 1, columns], weights[above, columns] = 1 - share, share
    return weights


def _location_scale_df(outputs: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    loc, scale, df = outputs.unbind(-1)
    return loc, softplus(scale) + _SMALLEST_SCALE, 2 + softplus(df)
