"""How the end of series is held out, and how series go on."""

import numpy as np
import pytest

from ostinato import InputError
from ostinato.data import Frequency
from ostinato.tasks._forecast_stretch import Stretch, continued, hold_out_end

from .panels import MONTH, panel, series

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

    def test_of_series_that_are_all_short_nothing_and_that_is_told(self):
        with pytest.warns(UserWarning, match="too short to hold out 5 at the end"):
            held = hold_out_end(panel(np.arange(12)), 0.1, 5, seed=0)
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


class TestContinued:
    def test_what_is_there_already_is_left_out(self):
        whole = panel(np.arange(10.0))
        np.testing.assert_array_equal(
            continued(whole.until([6]), whole.since([3])).values[0], whole.values[0]
        )

    def test_series_that_do_not_go_on_stay(self):
        whole = panel(np.arange(10.0), np.arange(5.0))
        later = whole.until([10, 5]).since([6, 0]).take([0])
        assert continued(whole.until([6, 5]), later).lengths.tolist() == [10, 5]

    def test_a_gap_between_is_missing(self):
        later = panel(series([7.0, 8.0], begin="2000-06-01"))
        joined = continued(panel([1.0, 2.0, 3.0]), later)
        np.testing.assert_array_equal(joined.values[0], [1, 2, 3, NAN, NAN, 7, 8])
        assert joined.gaps[0].astype("datetime64[M]").astype(str).tolist() == ["2000-04", "2000-05"]

    def test_covariates_go_on_too_and_those_of_later_count(self):
        known, past = np.arange(8.0)[:, None], np.arange(5.0)[:, None]
        whole = panel(series(np.arange(5.0), known=known, past=past))
        joined = continued(whole.until([3]), whole.since([3]))
        np.testing.assert_array_equal(joined.known[0], known)
        np.testing.assert_array_equal(joined.past[0], past)
        assert joined.lengths.tolist() == [5]

    @pytest.mark.parametrize(
        ("later", "message"),
        [
            (panel(series([1.0], begin="1999-01-01")), "no values after 2000-03-01"),
            (panel(series([1.0], name="x", begin="2000-04-01")), "series that do not go on from any: 'x'"),
            (panel(series([1.0], begin="2040-01-01")), "goes on at 2040-01-01"),
            (panel(series([1.0], begin="2000-04-01", known=[[1.0]])), "other covariates"),
            (panel(series([1.0], frequency=Frequency()), frequency=Frequency()), "no dates"),
        ],
        ids=["earlier", "another", "far off", "covariates", "steps"],
    )
    def test_what_does_not_go_on(self, later, message):
        with pytest.raises(InputError, match=message):
            continued(panel([1.0, 2.0, 3.0]), later)

    def test_what_is_between_the_steps(self):
        later = panel(series([1.0], begin="2000-05-01", frequency=Frequency("month", 2)))
        with pytest.raises(InputError, match="not among the steps"):
            continued(panel([1.0, 2.0], frequency=Frequency("month", 3)), later)


def test_a_whole_panel():
    stretch = Stretch.whole(panel([1.0, 2.0], [3.0]))
    assert stretch.begins.tolist() == [0, 0]
    assert stretch.panel.frequency == MONTH
