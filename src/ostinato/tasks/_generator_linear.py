"""The baseline of generated numbers: each from the one before it, whatever was asked for."""

import math
from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError
from ostinato.data import SMALLEST_DEVIATION, Ragged


class LastValue:
    """A Gaussian for each column, its mean linear in the column's last value; and constant odds to end.

    Args:
        first: (2, D) mean and standard deviation of first values.
        next_: (3, D) slope, intercept and standard deviation of the values after.
        end: (1,) the probability that a sequence ends after a value.
    """

    name = "a line from each value to the next that does not see what is asked for"

    def __init__(self, first: NDArray[Any], next_: NDArray[Any], end: NDArray[Any]) -> None:
        self.first = first
        self.next_ = next_
        self.end = end

    @classmethod
    def fit(cls, sequences: Ragged) -> Self:
        """From encoded sequences of steps (D + 1,), the last of which is the end."""
        values, is_first, is_end = _parts(sequences)
        first = values[is_first]
        later = np.flatnonzero(~is_first & ~is_end)
        x, y = values[later - 1], values[later]
        slope, intercept = _line(x, y)
        deviation = _deviation(y - slope * x - intercept) if len(y) else np.ones(values.shape[1])
        return cls(
            np.stack([first.mean(0), _deviation(first - first.mean(0))]),
            np.stack([slope, intercept, deviation]),
            np.array([len(sequences) / (len(values) - len(sequences) + 1)]),
        )

    def nats(self, conditions: Any, sequences: Ragged) -> NDArray[np.float64]:
        """(n,) −log p of each sequence, its end included."""
        values, is_first, is_end = _parts(sequences)
        slope, intercept, deviation = self.next_
        mean = slope * np.roll(values, 1, axis=0) + intercept
        mean[is_first] = self.first[0]
        deviations = np.where(is_first[:, None], self.first[1], deviation)
        gaussian = (
            np.square((values - mean) / deviations) / 2 + np.log(deviations) + math.log(2 * math.pi) / 2
        )
        going = np.where(is_first, 0.0, -np.log1p(-self.end))
        nats = np.where(is_end, -np.log(self.end), gaussian.sum(1) + going)
        return np.add.reduceat(nats, sequences.offsets[:-1])

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """The numbers."""
        return {"first": self.first, "next": self.next_, "end": self.end}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], columns: int) -> Self:
        """Rebuild what `to_arrays` gave, for so many columns; `InputError` for anything else."""
        shapes = {"first": (2, columns), "next": (3, columns), "end": (1,)}
        if arrays.keys() != shapes.keys() or any(
            arrays[name].shape != shape
            or arrays[name].dtype != np.float64
            or not np.isfinite(arrays[name]).all()
            for name, shape in shapes.items()
        ):
            raise InputError("not the numbers of a baseline: save the model again")
        model = cls(arrays["first"], arrays["next"], arrays["end"])
        if not ((model.first[1] > 0).all() and (model.next_[2] > 0).all() and 0 < model.end[0] < 1):
            raise InputError("a standard deviation or a probability is none: save the model again")
        return model


def _parts(sequences: Ragged) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_]]:
    """The values (N, D) of all steps, and which of them (N,) are first ones and which are ends."""
    is_first = np.zeros(len(sequences.values), bool)
    is_first[sequences.offsets[:-1]] = True
    return sequences.values[:, :-1].astype(np.float64), is_first, sequences.values[:, -1] == 1


def _line(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Slope and intercept (D,) of the columns y by least squares from the columns x."""
    if not len(x):
        return np.zeros(x.shape[1]), np.zeros(x.shape[1])
    x_mean, y_mean = x.mean(0), y.mean(0)
    variance = np.square(x - x_mean).mean(0)
    covariance = ((x - x_mean) * (y - y_mean)).mean(0)
    slope = np.divide(covariance, variance, out=np.zeros_like(variance), where=variance > 0)
    return slope, y_mean - slope * x_mean


def _deviation(errors: NDArray[np.float64]) -> NDArray[np.float64]:
    deviation: NDArray[np.float64] = np.sqrt(np.square(errors).mean(0))
    return np.maximum(deviation, SMALLEST_DEVIATION)
