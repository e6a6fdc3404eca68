"""A panel: one or many time series of one frequency."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError
from ostinato.data._frequency import Frequency, Times
from ostinato.data._series import Series


@dataclass(frozen=True)
class Panel:
    """Time series, each on its own regular grid of times, all of one frequency.

    Series i has T_i values up to its last one. Known covariates may go on for another F_i steps, for which
    the values are to be forecast; the times go on with them.

    Attributes:
        series: one or more.
        known_names: of the K columns of known covariates.
        past_names: of the P columns of past covariates.
        frequency: the distance of the steps; its unit is "step" where they are only numbered.
        origin: how they were read, JSON-able, so that other tables can be read alike; {} for arrays.
    """

    series: tuple[Series, ...]
    known_names: tuple[str, ...] = ()
    past_names: tuple[str, ...] = ()
    frequency: Frequency = field(default_factory=Frequency)
    origin: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        X: Any,
        *,
        time: str | None = None,
        target: str | None = None,
        series: str | None = None,
        known: Sequence[str] = (),
        past: Sequence[str] = (),
        frequency: Frequency | None = None,
    ) -> "Panel":
        """A panel of Python values.

        Args:
            X: a `Panel` as it is; one series (T,) of numbers; or a list of them, or an array (series, T): NaN
                is missing. Their steps are numbered from 1.
            time, target, series, known, past: columns of a data frame.
            frequency: of the steps, where it is not to be found from them.
        """
        if isinstance(X, Panel):
            return X
        arrays = [X] if np.ndim(X[0]) == 0 else list(X)
        names = [""] if len(arrays) == 1 else [str(index + 1) for index in range(len(arrays))]
        return cls(tuple(map(_numbered, names, arrays)))

    def __len__(self) -> int:
        """The number of series."""
        return len(self.series)

    @property
    def names(self) -> tuple[str, ...]:
        """Of the series; ("",) for a lone one that has none."""
        return tuple(each.name for each in self.series)

    @property
    def times(self) -> tuple[Times, ...]:
        """(T_i + F_i,) datetime64[s] of each series, or int64 for numbered steps, without holes."""
        return tuple(each.times for each in self.series)

    @property
    def values(self) -> tuple[NDArray[np.float64], ...]:
        """(T_i,) of each series, NaN where missing."""
        return tuple(each.values for each in self.series)

    @property
    def known(self) -> tuple[NDArray[np.float64], ...]:
        """(T_i + F_i, K) of each series, NaN where missing: covariates known ahead."""
        return tuple(each.known for each in self.series)

    @property
    def past(self) -> tuple[NDArray[np.float64], ...]:
        """(T_i, P) of each series, NaN where missing: covariates known as far as the values are."""
        return tuple(each.past for each in self.series)

    @property
    def gaps(self) -> tuple[Times, ...]:
        """Of each series, those of its first T_i times that had no row."""
        return tuple(each.gaps for each in self.series)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """T_i: (series,)."""
        return np.array([len(each) for each in self.series], np.int64)

    @property
    def ahead(self) -> NDArray[np.int64]:
        """F_i, the steps after each series' last value for which covariates are known: (series,)."""
        return np.array([len(each.times) - len(each) for each in self.series], np.int64)

    def next_times(self, count: int) -> tuple[Times, ...]:
        """The `count` times after each series' last value, (count,)."""
        return tuple(self.frequency.after(each.times[len(each) - 1], count) for each in self.series)

    def lengths_at(self, time: Any) -> NDArray[np.int64]:
        """How many values of each series are at `time` or before, for `until`: (series,)."""
        counts = [np.searchsorted(each.times, time, side="right") for each in self.series]
        return np.minimum(np.array(counts, np.int64), self.lengths)

    def until(self, lengths: Sequence[int] | NDArray[np.int64]) -> "Panel":
        """The first lengths[i] values of series i, one or more; the times and what is known stay."""
        return self._with(
            each.until(length) for each, length in zip(self.series, np.asarray(lengths).tolist(), strict=True)
        )

    def since(self, begins: Sequence[int] | NDArray[np.int64]) -> "Panel":
        """Series i from its step begins[i] on."""
        return self._with(
            each.since(begin) for each, begin in zip(self.series, np.asarray(begins).tolist(), strict=True)
        )

    def take(self, indices: Iterable[int]) -> "Panel":
        """Some of the series, in this order."""
        return self._with(self.series[index] for index in indices)

    def fingerprint(self) -> str:
        """SHA-256 of all that can be learned from."""
        digest = hashlib.sha256(json.dumps([self.names, self.known_names, self.past_names]).encode())
        for each in self.series:
            for array in (each.times, each.values, each.known, each.past):
                digest.update(repr(array.shape).encode() + np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    def _with(self, series: Iterable[Series]) -> "Panel":
        return replace(self, series=tuple(series))


def _numbered(name: str, values: Any) -> Series:
    array = np.asarray(values, np.float64)
    if array.ndim != 1:
        raise InputError(f"series {name} has {array.ndim} dimensions; give one number per step, (T,)")
    steps = np.arange(1, len(array) + 1)
    nothing = np.empty((len(array), 0))
    return Series(name, steps, array, nothing, nothing, steps[:0])
