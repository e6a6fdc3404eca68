"""Numeric columns brought to one scale, and what stands in for missing values."""

from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError

_COLUMNS = 1 << 16


class Scaler:
    """Makes each column's mean 0 and its standard deviation 1, by what training data showed.

    A missing value (NaN) becomes 0, the column's mean. A column that had gaps in training gets a companion
    after the last column: 1 where a value is missing and 0 elsewhere, so that a network can tell a gap from a
    mean. A gap in any other column passes for the mean. A constant column becomes 0. Values further than 10
    standard deviations from the mean are moved to there: what training never saw must not drown the rest.

    Args:
        mean: (D,) of each column.
        scale: (D,) its standard deviation, 1 where it was constant.
        gaps: (D,) whether it had missing values.
    """

    limit: ClassVar[float] = 10.0  # standard deviations; a value further off is taken to be that far off
    largest: ClassVar[float] = 1e100  # number that can be scaled: sums of its squares are finite

    def __init__(self, mean: NDArray[Any], scale: NDArray[Any], gaps: NDArray[Any]) -> None:
        self.mean = np.asarray(mean, np.float64)
        self.scale = np.asarray(scale, np.float64)
        self.gaps = np.asarray(gaps, bool)

    @classmethod
    def learn(cls, values: NDArray[Any]) -> Self:
        """From the steps of all training sequences, (N, D) floats up to `largest`, NaN where missing."""
        present = ~np.isnan(values)
        count = np.maximum(present.sum(0), 1)
        mean = np.where(present, values, 0).sum(0, dtype=np.float64) / count
        spread = np.where(present, values - mean, 0)
        deviation = np.sqrt(np.square(spread, dtype=np.float64).sum(0) / count)
        # A constant column's deviation is rounding, not nought: 0.1 has no exact mean.
        constant = deviation <= 8 * np.finfo(values.dtype).eps * np.maximum(np.abs(mean), 1e-30)
        return cls(mean, np.where(constant, 1.0, deviation), ~present.all(0))

    @property
    def columns(self) -> int:
        """D, the columns that come in."""
        return len(self.mean)

    @property
    def features(self) -> int:
        """The columns that go out: D and the companions of those with gaps."""
        return self.columns + int(self.gaps.sum())

    def transform(self, values: NDArray[Any]) -> NDArray[np.float32]:
        """(T, D), NaN where missing → (T, features) float32, all finite."""
        missing = np.isnan(values)
        scaled = np.where(missing, 0.0, (values - self.mean) / self.scale).clip(-self.limit, self.limit)
        return np.concatenate([scaled, missing[:, self.gaps]], axis=1).astype(np.float32)

    def restore(self, scaled: NDArray[Any]) -> NDArray[np.float64]:
        """(…, D) in scaled units → the columns' own."""
        return np.asarray(scaled, np.float64) * self.scale + self.mean

    def to_json(self) -> dict[str, Any]:
        """All there is to know, JSON-able; `from_json` makes an equal scaler of it."""
        return {"mean": self.mean.tolist(), "scale": self.scale.tolist(), "gaps": self.gaps.tolist()}

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """The scaler that `to_json` described.

        Raises:
            InputError: `value` is anything else.
        """
        value = value if isinstance(value, dict) else {}
        mean, scale, gaps = (value.get(name) for name in ("mean", "scale", "gaps"))
        if not (
            _are(mean, (int, float))
            and _are(scale, (int, float))
            and _are(gaps, (bool,))
            and len(mean) == len(scale) == len(gaps) <= _COLUMNS
        ):
            raise InputError("a scaler needs equally many of mean, scale and gaps; save it anew")
        if not (
            all(abs(number) <= cls.largest for number in [*mean, *scale]) and min(scale) >= 1 / cls.largest
        ):
            raise InputError("a scaler's numbers must be finite and its scales above 0; save it anew")
        return cls(np.array(mean, float), np.array(scale, float), np.array(gaps, bool))


def _are(value: Any, kinds: tuple[type, ...]) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(item, kinds) and (bool in kinds or not isinstance(item, bool)) for item in value)
    )
