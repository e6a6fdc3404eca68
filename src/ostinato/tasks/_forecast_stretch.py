"""Which part of a panel is to be forecast, and how the end of one is held out."""

import warnings
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError
from ostinato.data import Frequency, Panel, Series, named
from ostinato.tasks._held_out import HeldOut, share_of


@dataclass(frozen=True)
class Stretch:
    """A panel, of which some steps are to be forecast; what is before them is history.

    Attributes:
        panel: all steps.
        begins: (series,) the first step of each series that is to be forecast; 0: as soon as there is
            history enough.
        stride: steps from one origin to the next.
        held_out: whether they were held out from training, so that nothing may be used that knows them.
    """

    panel: Panel
    begins: NDArray[np.int64]
    stride: int = 1
    held_out: bool = False

    @classmethod
    def whole(cls, panel: Panel) -> "Stretch":
        """All that there is history for."""
        return cls(panel, np.zeros(len(panel), np.int64))


def hold_out_end(panel: Panel, validation: Any, horizon: int, seed: int) -> HeldOut[Stretch]:
    """Split a panel in time.

    Args:
        panel: all series.
        validation: the share of the values of each series that is held out, at its end: a horizon at least,
            but nothing of a series that would be left with less than two; 0: nothing; or another panel, in
            which the series go on.
        horizon: H.
        seed: only told on.

    Raises:
        InputError: the share is none, or the other panel does not go on where this one ends.
    """
    facts = {"sha256": panel.fingerprint(), "origin": dict(panel.origin), "seed": seed}
    if isinstance(validation, Panel):
        whole = continued(panel, validation)
        return HeldOut(
            Stretch.whole(panel),
            Stretch(whole, panel.lengths, held_out=True),
            {**facts, "validation": validation.fingerprint()},
        )
    share = share_of(validation)
    held_out = np.maximum(np.rint(share * panel.lengths).astype(np.int64), horizon)
    held_out[panel.lengths - held_out < 2 * horizon] = 0
    if not share or not held_out.any():
        if share and panel.lengths.max() >= 2 * horizon:  # there is nothing to learn from shorter ones
            warnings.warn(_too_short(panel, horizon), UserWarning, stacklevel=4)  # where `fit` is
        return HeldOut(Stretch.whole(panel), None, {**facts, "validation": 0.0})
    lengths = panel.lengths - held_out
    return HeldOut(
        Stretch.whole(panel.until(lengths)),
        Stretch(panel, lengths, held_out=True),
        {**facts, "validation": share},
    )


def continued(panel: Panel, later: Panel) -> Panel:
    """A panel with what came later; where `later` begins earlier, its beginning is left out.

    Raises:
        InputError: a series is not in `panel`, or does not go on from it.
    """
    if (panel.known_names, panel.past_names) != (later.known_names, later.past_names):
        raise InputError("the later values have other covariates than the earlier ones: give them the same")
    if (panel.frequency.unit == "step") != (later.frequency.unit == "step"):
        raise InputError("the later values have no dates, or the earlier ones: give both the same")
    index = {name: row for row, name in enumerate(panel.names)}
    if unknown := [name for name in later.names if name not in index]:
        raise InputError(f"series that do not go on from any: {named(map(repr, unknown))}; leave them out")
    series = list(panel.series)
    for each in later.series:
        series[index[each.name]] = _joined(panel.frequency, series[index[each.name]], each)
    return replace(panel, series=tuple(series))


def _joined(frequency: Frequency, before: Series, after: Series) -> Series:
    """One series of two; steps between them are missing."""
    T, end = len(before), before.times[len(before) - 1]
    begin = int(np.searchsorted(after.times, end, side="right"))
    place = f"series {after.name!r}" if after.name else "the series"
    if begin >= len(after):
        raise InputError(
            f"{place} has no values after {end}, where it should go on; give the ones that follow"
        )
    after = after.since(begin)
    steps = frequency.steps(before.times[0], after.times[:1])
    if not frequency.are_steps(before.times[0], after.times[:1]).all() or steps[0] > 2 * T:
        raise InputError(
            f"{place} goes on at {after.times[0]}, which is not among the steps after {end}; give the values "
            f"that follow"
        )
    nothing = np.full((len(after.times) - len(after), 1 + before.past.shape[1]), np.nan)
    joined = Series.of_rows(
        before.name,
        frequency,
        np.concatenate([before.times[:T], after.times]),
        np.concatenate([before.values, after.values, nothing[:, 0]]),
        np.concatenate([before.known[:T], after.known]),
        np.concatenate([before.past, after.past, nothing[:, 1:]]),
    )
    return replace(joined, gaps=np.concatenate([before.gaps, joined.gaps, after.gaps]))


def _too_short(panel: Panel, horizon: int) -> str:
    return (
        f"series of {panel.lengths.max():,} values at most are too short to hold out {horizon} at the end: "
        f"nothing is held out, and there will be no figures on unseen values"
    )
