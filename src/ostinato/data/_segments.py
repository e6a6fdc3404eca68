"""Stretches of time with a label: from the cells of a table to a label for each step, and back."""

import sys
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ostinato._errors import InputError
from ostinato.data._cells import label_of

_TOUCHING = 1e-6  # seconds by which neighbours may overlap, for times are written in rounded decimals


class Segment(NamedTuple):
    """What a recording shows from one moment up to another, in seconds."""

    start: float
    end: float
    label: str


def parse_segments(value: Any, place: str) -> list[Segment]:
    """The segments of a recording, by their time.

    Args:
        value: a list of [start, end, label], in seconds; there may be gaps between them, and none at all.
        place: of the recording, with which messages begin.

    Raises:
        InputError: one is no segment, ends before it starts, is not finite, or overlaps another.
    """
    if not isinstance(value, (list, tuple)):
        raise InputError(f"{place}: {value!r} is no list of segments; give [[start, end, label], …]")
    segments = sorted(_segment(item, place) for item in value)
    for one, other in pairwise(segments):
        if other.start < one.end - _TOUCHING:
            raise InputError(
                f"{place}: segments {list(one)} and {list(other)} overlap; end one where the other starts"
            )
    return segments


def _segment(item: Any, place: str) -> Segment:
    if not (isinstance(item, (list, tuple)) and len(item) == 3 and isinstance(item[2], (str, int))):
        raise InputError(f"{place}: {item!r} is no segment; give [start, end, label], times in seconds")
    start, end, label = item
    if not (_is_time(start) and _is_time(end) and 0 <= start < end):
        raise InputError(
            f"{place}: a segment from {start!r} to {end!r}; give seconds, 0 or more, start before end"
        )
    return Segment(float(start), float(end), label_of(label))


def _is_time(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value <= sys.float_info.max


def check_within(segments: Sequence[Segment], seconds: float, seconds_per_step: float, place: str) -> None:
    """InputError if a segment ends more than a step after the recording, which has so many seconds."""
    for segment in segments:
        if segment.end > seconds + seconds_per_step:
            raise InputError(
                f"{place}: the segment {list(segment)} ends after the recording, which has "
                f"{seconds:.3f} seconds; correct the times"
            )


def labels_of(segments: Sequence[Segment], times: ArrayLike, background: str = "") -> list[str]:
    """The label of each step.

    Args:
        segments: as `parse_segments` gives them; one holds the steps from its start up to, not at, its end.
        times: (T,) seconds at which the steps are.
        background: the label of a step in no segment.
    """
    moments = np.asarray(times, np.float64)
    if not segments:
        return [background] * len(moments)
    starts, ends = (np.array([segment[side] for segment in segments]) for side in (0, 1))
    last_begun = np.searchsorted(starts, moments, side="right") - 1
    inside = (last_begun >= 0) & (moments < ends[last_begun])
    return [
        segments[index].label if within else background
        for index, within in zip(last_begun.tolist(), inside.tolist(), strict=True)
    ]


def segments_of(
    labels: Sequence[str], seconds_per_step: float, background: str | None = None
) -> list[Segment]:
    """The stretches of equal labels, without those of the background; the first step starts at 0.

    `labels_of` of them, at the steps' starts or middles, gives the labels back.
    """
    return [
        Segment(first * seconds_per_step, end * seconds_per_step, label)
        for first, end, label in _runs(labels)
        if label != background
    ]


def _runs(labels: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    end = 0
    for label, run in groupby(labels):
        first, end = end, end + len(list(run))
        yield first, end, label
