"""The series that a forecaster was trained on: forecasts go on from them."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError
from ostinato.data._frequency import Frequency
from ostinato.data._panel import Panel
from ostinato.data._series import Series
from ostinato.data.forecasting._continued import continued

_EARLIEST, _LATEST = (int(np.datetime64(f"{year}-01-01", "s").astype(np.int64)) for year in ("0001", "9999"))
_LARGEST = 1e100


@dataclass(frozen=True)
class Memory:
    """The panel of training, with what was held out.

    Attributes:
        panel: all series.
        held_out: (series,) how many values at the end of each series were held out.
    """

    panel: Panel
    held_out: NDArray[np.int64]

    @classmethod
    def of(cls, panel: Panel, held_out: NDArray[np.int64]) -> Self:
        """A panel of whose series so many values (series,) were held out."""
        return cls(replace(panel, origin={}), held_out)

    def joined(self, panel: Panel) -> Panel:
        """A panel whose series that begin later than those remembered have their beginnings before them."""
        if not _dated(panel):
            return panel
        rows = {name: row for row, name in enumerate(self.panel.names)}
        series = list(panel.series)
        for index, each in enumerate(panel.series):
            if each.name in rows:
                row = rows[each.name]
                mine = self.panel.series[row]
                if before := int(np.searchsorted(mine.times[: len(mine)], each.times[0])):
                    begun = self.panel.take([row]).until([before])
                    (series[index],) = continued(begun, panel.take([index])).series
        return replace(panel, series=tuple(series))

    def begins(self, panel: Panel, *, held_out: bool) -> NDArray[np.int64]:
        """(series,) the first step that training did not know: of each of its series, 0 of others.

        Args:
            panel: the series.
            held_out: whether steps that were held out are not known.
        """
        rows = {name: row for row, name in enumerate(self.panel.names)}
        cuts = self._ends(self.held_out if held_out else None)
        return np.array(
            [
                np.searchsorted(each.times[: len(each)], cuts[rows[each.name]], side="right")
                if each.name in rows and self._is_same(rows[each.name], each)
                else 0
                for each in panel.series
            ],
            np.int64,
        )

    def _is_same(self, row: int, series: Series) -> bool:
        """Whether a series of the same name is the same one: of numbered steps, by its values."""
        if _dated(self.panel):
            return True
        mine = self.panel.series[row]
        begin = int(np.searchsorted(series.times, mine.times[0]))
        theirs = series.values[begin : begin + len(mine)]
        return len(theirs) > 0 and np.array_equal(mine.values[: len(theirs)], theirs, equal_nan=True)

    def _ends(self, before: NDArray[np.int64] | None = None) -> list[Any]:
        """The time of the last value of each series, or of one some values before it."""
        steps = np.zeros(len(self.panel), np.int64) if before is None else before
        return [
            each.times[len(each) - 1 - step]
            for each, step in zip(self.panel.series, steps.tolist(), strict=True)
        ]

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """As named arrays; `from_arrays` is the inverse."""
        panel = self.panel
        return {
            "names": np.frombuffer(json.dumps(panel.names).encode(), np.uint8),
            "times": np.concatenate(panel.times).astype(np.int64),
            "values": np.concatenate(panel.values),
            "known": np.concatenate(panel.known),
            "past": np.concatenate(panel.past),
            "lengths": panel.lengths,
            "ahead": panel.ahead,
            "held_out": self.held_out,
        }

    @classmethod
    def from_arrays(
        cls,
        arrays: Mapping[str, NDArray[Any]],
        frequency: Frequency,
        known: Sequence[str],
        past: Sequence[str],
    ) -> Self:
        """What `to_arrays` gave; safe with a stranger's.

        Args:
            arrays: by name.
            frequency: of the series.
            known: names of covariates.
            past: names of covariates.

        Raises:
            InputError: they are anything else.
        """
        names = _names(arrays.get("names"))
        n = len(names)
        lengths, ahead, held_out = (_integers(arrays, name, n) for name in ("lengths", "ahead", "held_out"))
        if (lengths < 1).any() or (ahead < 0).any() or (held_out < 0).any() or (held_out >= lengths).any():
            raise _wrong("lengths")
        steps, ends = int(lengths.sum()), np.cumsum(lengths)
        both, both_ends = int((lengths + ahead).sum()), np.cumsum(lengths + ahead)
        times = _integers(arrays, "times", both)
        if (times < _EARLIEST).any() or (times > _LATEST).any():
            raise _wrong("times")
        if frequency.unit != "step":
            times = times.astype("datetime64[s]")
        series = map(
            Series,
            names,
            np.split(times, both_ends[:-1]),
            np.split(_floats(arrays, "values", (steps,)), ends[:-1]),
            np.split(_floats(arrays, "known", (both, len(known))), both_ends[:-1]),
            np.split(_floats(arrays, "past", (steps, len(past))), ends[:-1]),
            [times[:0]] * n,
        )
        panel = Panel(tuple(series), tuple(known), tuple(past), frequency)
        if any((each.times[1:] <= each.times[:-1]).any() for each in panel.series):
            raise _wrong("times")
        return cls(panel, held_out)


def _dated(panel: Panel) -> bool:
    return panel.frequency.unit != "step"


def _names(array: NDArray[Any] | None) -> list[str]:
    names = None
    if array is not None and array.dtype == np.uint8 and array.ndim == 1:
        with suppress(UnicodeDecodeError, ValueError, RecursionError):
            names = json.loads(array.tobytes())
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise _wrong("names")
    if len(set(names)) < len(names):
        raise _wrong("names")
    return names


def _integers(arrays: Mapping[str, NDArray[Any]], name: str, count: int) -> NDArray[np.int64]:
    array = arrays.get(name)
    if array is None or array.shape != (count,) or array.dtype != np.int64 or (np.abs(array) > 1 << 40).any():
        raise _wrong(name)
    return array


def _floats(arrays: Mapping[str, NDArray[Any]], name: str, shape: tuple[int, ...]) -> NDArray[np.float64]:
    array = arrays.get(name)
    if array is None or array.shape != shape or array.dtype != np.float64:
        raise _wrong(name)
    if not (np.isnan(array) | (np.abs(array) <= _LARGEST)).all():
        raise _wrong(name)
    return array


def _wrong(name: str) -> InputError:
    return InputError(f"its {name} are not those of time series: save the model again")
