"""A panel: one or many time series of one frequency."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError, one_line
from ostinato.data._cells import LARGEST
from ostinato.data._frame import frame_table, is_frame, with_dates
from ostinato.data._frequency import Frequency, Times
from ostinato.data._panel_columns import PanelColumns
from ostinato.data._series import Series
from ostinato.data._series_rows import read_series
from ostinato.data._table import Table


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
            X: a `Panel`, as it is; one series (T,) of numbers, a list of them, or an array (series, T),
                whose steps are numbered from 1; or a data frame of pandas or polars, or a mapping from names
                to columns, of which each row is a step, as in a table that `read_panel` reads. NaN is
                missing.
            time: the column of a data frame that says when each row is; None: its index if that is of dates,
                or else the rows of each series are its steps.
            target: its column of values.
            series: its column that says which series a row is of; None: there is one.
            known: its columns of covariates that are known ahead.
            past: its columns of covariates that are known as far as the values are.
            frequency: the distance of the steps; None: as the times show.

        Raises:
            InputError: X is none of these or has no values, or what `read_panel` raises.
        """
        if isinstance(X, Panel):
            return X
        X, dates, values = with_dates(X)
        if is_frame(X):
            time, target = time or dates, target or values
            table = frame_table(X)
            target = table.only([] if target is None else [target], "target")
            return cls.of_table(
                table, PanelColumns(target, time, series, tuple(known), tuple(past)), frequency
            )
        if any(name is not None for name in (time, target, series)) or known or past:
            raise InputError(f"X is {type(X).__name__} and has no columns; name none, or give a data frame")
        return cls(tuple(_numbered(X)))

    @classmethod
    def of_table(cls, table: Table, columns: PanelColumns, frequency: Frequency | None = None) -> Self:
        """The panel of a table that was read; see `read_panel`."""
        series, frequency = read_series(table, columns, frequency)
        origin = {"format": "table", "columns": columns.to_json()}
        return cls(series, columns.known, columns.past, frequency, origin)

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

    def until(self, lengths: Sequence[int] | NDArray[np.int64]) -> Self:
        """The first lengths[i] values of series i, one or more; the times and what is known stay."""
        return self._with(
            each.until(length) for each, length in zip(self.series, np.asarray(lengths).tolist(), strict=True)
        )

    def since(self, begins: Sequence[int] | NDArray[np.int64]) -> Self:
        """Series i from its step begins[i] on."""
        return self._with(
            each.since(begin) for each, begin in zip(self.series, np.asarray(begins).tolist(), strict=True)
        )

    def take(self, indices: Iterable[int]) -> Self:
        """Some of the series, in this order."""
        return self._with(self.series[index] for index in indices)

    def fingerprint(self) -> str:
        """SHA-256 of all that can be learned from."""
        digest = hashlib.sha256(json.dumps([self.names, self.known_names, self.past_names]).encode())
        for each in self.series:
            for array in (each.times, each.values, each.known, each.past):
                digest.update(repr(array.shape).encode() + np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    def _with(self, series: Iterable[Series]) -> Self:
        return replace(self, series=tuple(series))


def _numbered(X: Any) -> Iterator[Series]:
    """The series of an array (T,) or (series, T), or of a list of arrays; their steps are numbered from 1."""
    if isinstance(X, (str, bytes)) or not isinstance(X, Iterable):
        raise InputError(f"X is {type(X).__name__}; give a series of numbers, a list of them or a data frame")
    items = list(X)
    if not items:
        raise InputError("X has no values (0 samples); give a series of numbers, or a list of them")
    if all(np.ndim(item) == 0 for item in items):
        yield _series("", items, "X")
        return
    for number, item in enumerate(items, start=1):
        yield _series(str(number) if len(items) > 1 else "", item, f"series {number}")


def _series(name: str, item: Any, place: str) -> Series:
    try:
        if np.iscomplexobj(item):
            raise TypeError("they are complex; give their parts as series")
        values = np.asarray(item, np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(f"{place} is no series of numbers (T,): {one_line(error)}") from None
    if values.ndim != 1:
        raise InputError(f"{place} has {values.ndim} dimensions; a series has one, (T,)")
    for step in np.flatnonzero(np.abs(values) > LARGEST)[:1].tolist():
        raise InputError(
            f"{place}, step {step + 1}: {values[step]} is infinite or too large for float32; correct it, or "
            f"make it NaN if it is missing"
        )
    if np.isnan(values).all():
        raise InputError(f"{place} has no values; give it some, or leave it out")
    nothing = np.empty((len(values), 0))
    return Series.of_rows(name, Frequency(), np.arange(1, len(values) + 1), values, nothing, nothing)
