"""How the series of a panel go on."""

from dataclasses import replace

import numpy as np

from ostinato._errors import InputError
from ostinato.data._examples import named
from ostinato.data._frequency import Frequency
from ostinato.data._panel import Panel
from ostinato.data._series import Series
from ostinato.data._written_times import written_times


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
    last, *later = written_times(np.append(end, after.times[begin : begin + 1]), frequency.unit)
    if begin >= len(after):
        raise InputError(
            f"{place} has no values after {last}, where it should go on; give the ones that follow"
        )
    after = after.since(begin)
    steps = frequency.steps(before.times[0], after.times[:1])
    if not frequency.are_steps(before.times[0], after.times[:1]).all() or steps[0] > 2 * T:
        raise InputError(
            f"{place} goes on at {later[0]}, which is not among the steps after {last}; give the values "
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
