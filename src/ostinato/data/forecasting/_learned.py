"""What was learned of a series of training, and how it is known again."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from ostinato._errors import InputError
from ostinato.data._series import Series
from ostinato.data.forecasting._regression import Regression


@dataclass(frozen=True)
class LearnedSeries:
    """A series of training.

    Attributes:
        start: its first time, as a number.
        first: its first value, by which numbered steps are told from those of another series.
        model: of all its values.
        early: of those that were learned from, which does not know what was held out.
    """

    start: int
    first: float
    model: Regression
    early: Regression

    @classmethod
    def of(cls, series: Series, model: Regression) -> Self:
        """A series and its model, so far as it is known."""
        return cls(int(series.times[0].astype(np.int64)), float(series.values[0]), model, model)

    def is_of(self, series: Series) -> bool:
        """Whether this is the series, or goes on from it."""
        return self.start == int(series.times[0].astype(np.int64)) and self.first == series.values[0]

    def to_json(self) -> dict[str, Any]:
        """All there is to know."""
        return {
            "start": self.start,
            "first": self.first,
            "model": self.model.to_json(),
            "early": self.early.to_json(),
        }

    @classmethod
    def from_json(cls, value: Any, covariates: int, longest: int) -> Self:
        """What `to_json` described, with so many covariates; `InputError` for anything else."""
        value = value if isinstance(value, dict) else {}
        start, first = value.get("start"), value.get("first")
        if type(start) is not int or type(first) not in (int, float):
            raise InputError("a series must have a first time and value; save the model anew")
        model, early = (
            Regression.from_json(value.get(name), covariates, longest) for name in ("model", "early")
        )
        return cls(start, first, model, early)
