"""What a forecaster says: quantiles of the next values."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError, ParameterError
from ostinato.data._frequency import Times

DEFAULT_LEVELS = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
SHAPES = ("quantiles", "student-t")  # of a distribution; their arithmetic is the network's


@dataclass(frozen=True)
class Distribution:
    """How the values of a step are distributed, as a network tells it.

    Attributes:
        kind: "quantiles" or "student-t".
    """

    kind: str

    def to_json(self) -> dict[str, Any]:
        """Its kind."""
        return {"kind": self.kind}

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """What `to_json` described; `InputError` for anything else."""
        kind = value.get("kind") if isinstance(value, dict) else None
        if not isinstance(kind, str) or kind not in SHAPES:
            raise InputError(
                f"the `kind` of a forecast must be one of {', '.join(SHAPES)}; save the model anew"
            )
        return cls(kind)


@dataclass(frozen=True)
class Forecast:
    """Forecasts of the H steps after each series.

    Attributes:
        names: of the series.
        times: of each series, (H,) datetime64[s], or int64 for numbered steps.
        levels: of the Q quantiles, rising.
        values: of each series, (H, Q): the value that is not exceeded with probability `levels[q]`.
        medians: of each series, (H,).
    """

    names: tuple[str, ...]
    times: tuple[Times, ...]
    levels: tuple[float, ...]
    values: tuple[NDArray[np.float64], ...]
    medians: tuple[NDArray[np.float64], ...]


def check_levels(levels: Any) -> tuple[float, ...]:
    """Levels as floats; `ParameterError` unless they rise and are between 0 and 1."""
    try:
        checked = tuple(float(level) for level in levels) if isinstance(levels, Sequence | np.ndarray) else ()
    except (TypeError, ValueError):
        checked = ()
    bounds = (0.0, *checked, 1.0)
    if not checked or not all(low < high for low, high in pairwise(bounds)):
        raise ParameterError(
            "levels",
            f"are {levels!r}: they must be rising numbers between 0 and 1, such as (0.05, 0.5, 0.95)",
        )
    return checked
