"""The linear model of a series, whose forecasts a network improves on."""

from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError
from ostinato.data.forecasting._arma import Arma
from ostinato.data.forecasting._terms import Terms

_LARGEST = 1e200


@dataclass(frozen=True)
class Regression:
    """A Bayesian linear model of a series, with ARMA(2, 1) errors whose scale may change.

    Attributes:
        terms: what it is regressed on.
        ridge: as in `Terms.penalties`.
        slope: as there.
        drift: as in `Terms.drifts`: how fast the seasons change; 0: not at all.
        errors: models of the errors, the best first.
        weights: how much each counts, their sum 1.
        forgetting: the least weight of a new error in the errors' variance: 0 for one that does not change.
        centre: of the series.
        scale: of the series; 1 in the units below.
        variance: of the innovations, at the beginning.
    """

    terms: Terms
    ridge: float
    slope: float
    drift: float
    errors: tuple[Arma, ...]
    weights: tuple[float, ...]
    forgetting: float
    centre: float
    scale: float
    variance: float

    @property
    def penalties(self) -> NDArray[np.float64]:
        """(p,) of the coefficients."""
        return self.terms.penalties(self.ridge, self.slope)

    @cached_property
    def drifts(self) -> NDArray[np.float64]:
        """(p,) of the coefficients."""
        return self.terms.drifts(self.drift)

    def to_json(self) -> dict[str, Any]:
        """All there is to know."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Any, covariates: int, longest: int) -> Self:
        """What `to_json` described; safe with a stranger's.

        Args:
            value: JSON.
            covariates: columns that the series has.
            longest: season there may be.

        Raises:
            InputError: it is anything else.
        """
        value = value if isinstance(value, dict) else {}
        terms = value.get("terms") if isinstance(value.get("terms"), dict) else {}
        seasons, trend, growth = terms.get("seasons"), terms.get("trend"), terms.get("growth", 0.0)
        if (
            not isinstance(seasons, list)
            or len(seasons) > 2
            or not all(type(m) is int and 2 <= m <= longest for m in seasons)
            or type(trend) is not bool
            or not _is_number(growth, -1.0, 1.0)
            or terms.get("covariates") != covariates
        ):
            raise InputError("the terms of a series' model are wrong; save the model anew")
        numbers = {
            "ridge": (1e-9, 1e9),
            "slope": (1e-9, 1e9),
            "drift": (0.0, 10.0),
            "forgetting": (0.0, 1.0),
            "centre": (-_LARGEST, _LARGEST),
            "scale": (1 / _LARGEST, _LARGEST),
            "variance": (1e-30, 1e30),
        }
        if not all(_is_number(value.get(name), *bounds) for name, bounds in numbers.items()):
            raise InputError("the numbers of a series' model are wrong; save the model anew")
        errors, weights = value.get("errors"), value.get("weights")
        if (
            not _are_numbers(weights, 0.0, 1.0)
            or abs(sum(weights) - 1) > 1e-6
            or not isinstance(errors, list)
        ):
            raise InputError("the weights of a series' model are wrong; save the model anew")
        if len(errors) != len(weights) or not all(_are_numbers(each, -1.0, 1.0, 3) for each in errors):
            raise InputError("the errors of a series' model are wrong; save the model anew")
        return cls(
            Terms(tuple(seasons), trend, covariates, float(growth)),
            errors=tuple(Arma(*map(float, each)) for each in errors),
            weights=tuple(map(float, weights)),
            **{name: float(value[name]) for name in numbers},
        )


def _is_number(value: Any, low: float, high: float) -> bool:
    return type(value) in (int, float) and low <= value <= high


def _are_numbers(value: Any, low: float, high: float, count: int | None = None) -> bool:
    if not isinstance(value, list) or not value or len(value) > 8 or count not in (None, len(value)):
        return False
    return all(_is_number(each, low, high) for each in value)
