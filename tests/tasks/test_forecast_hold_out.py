"""How the end of series is held out."""

import numpy as np
import pytest

from ostinato import InputError
from ostinato.tasks._forecast_hold_out import hold_out_end

from ..panels import panel

NAN = np.nan


class TestHoldOut:
    @pytest.mark.parametrize(
        ("length", "share", "horizon", "held_out"),
        [(100, 0.1, 3, 10), (100, 0.1, 20, 20), (94, 0.1, 3, 9), (12, 0.5, 3, 6), (9, 0.1, 3, 3)],
        ids=["a share", "a horizon at least", "rounded", "half", "the shortest"],
    )
    def test_at_the_end_of_a_series(self, length, share, horizon, held_out):
        held = hold_out_end(panel(np.arange(length)), share, horizon, seed=0)
        assert held.train.panel.lengths.tolist() == [length - held_out]
        assert held.valid.panel.lengths.tolist() == [length]
        assert held.valid.begins.tolist() == [length - held_out]
        assert held.facts["validation"] == share

    def test_of_each_series_but_of_short_ones_nothing(self):
        held = hold_out_end(panel(np.arange(50), np.arange(8), np.arange(30)), 0.1, 3, seed=0)
        assert held.train.panel.lengths.tolist() == [45, 5 + 3, 27]
        assert held.valid.begins.tolist() == [45, 8, 27]

    @pytest.mark.parametrize(
        ("share", "horizon", "told"), [(0.1, 5, "out 5 at"), (0.9, 2, "out 11 at the end and learn from 4")]
    )
    def test_of_series_that_are_all_short_nothing_and_that_is_told(self, share, horizon, told):
        with pytest.warns(UserWarning, match=f"too short to hold {told}"):
            held = hold_out_end(panel(np.arange(12)), share, horizon, seed=0)
        assert held.valid is None
        assert held.facts["validation"] == 0.0

    @pytest.mark.parametrize("nothing", [0, 0.0, None])
    def test_nothing(self, nothing):
        held = hold_out_end(panel(np.arange(50)), nothing, 3, seed=0)
        assert held.valid is None
        assert held.train.panel.lengths.tolist() == [50]

    @pytest.mark.parametrize("share", [1.0, -0.1, NAN, True])
    def test_no_share(self, share):
        with pytest.raises(InputError, match="validation"):
            hold_out_end(panel(np.arange(50)), share, 3, seed=0)

    def test_another_panel_in_which_the_series_go_on(self):
        whole = panel(np.arange(30.0), np.arange(100.0, 125.0))
        earlier, later = whole.until([20, 19]), whole.since([20, 19])
        held = hold_out_end(earlier, later, 3, seed=0)
        assert held.train.panel is earlier
        for mine, theirs in zip(held.valid.panel.series, whole.series, strict=True):
            np.testing.assert_array_equal(mine.values, theirs.values)
            np.testing.assert_array_equal(mine.times, theirs.times)
        assert held.valid.begins.tolist() == [20, 19]
        assert held.facts["validation"] == later.fingerprint()
