"""How the end of a panel is held out."""

import warnings
from typing import Any

import numpy as np

from ostinato.data import Panel
from ostinato.data.forecasting import Stretch, continued
from ostinato.tasks._held_out import HeldOut, share_of


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
            wanted = max(round(share * panel.lengths.max()), horizon)
            warnings.warn(_too_short(panel, wanted, horizon), UserWarning, stacklevel=4)  # where `fit` is
        return HeldOut(Stretch.whole(panel), None, {**facts, "validation": 0.0})
    lengths = panel.lengths - held_out
    return HeldOut(
        Stretch.whole(panel.until(lengths)),
        Stretch(panel, lengths, held_out=True),
        {**facts, "validation": share},
    )


def _too_short(panel: Panel, wanted: int, horizon: int) -> str:
    return (
        f"series of {panel.lengths.max():,} values at most are too short to hold out {wanted} at the end and "
        f"learn from {2 * horizon}: nothing is held out, and there will be no figures on unseen values"
    )
