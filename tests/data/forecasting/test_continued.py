"""How series go on."""

import numpy as np
import pytest

from ostinato import InputError
from ostinato.data import Frequency
from ostinato.data.forecasting import continued

from ...panels import panel, series

NAN = np.nan


def test_what_is_there_already_is_left_out():
    whole = panel(np.arange(10.0))
    np.testing.assert_array_equal(continued(whole.until([6]), whole.since([3])).values[0], whole.values[0])


def test_series_that_do_not_go_on_stay():
    whole = panel(np.arange(10.0), np.arange(5.0))
    later = whole.until([10, 5]).since([6, 0]).take([0])
    assert continued(whole.until([6, 5]), later).lengths.tolist() == [10, 5]


def test_a_gap_between_is_missing():
    later = panel(series([7.0, 8.0], begin="2000-06-01"))
    joined = continued(panel([1.0, 2.0, 3.0]), later)
    np.testing.assert_array_equal(joined.values[0], [1, 2, 3, NAN, NAN, 7, 8])
    assert joined.gaps[0].astype("datetime64[M]").astype(str).tolist() == ["2000-04", "2000-05"]


def test_covariates_go_on_too_and_those_of_later_count():
    known, past = np.arange(8.0)[:, None], np.arange(5.0)[:, None]
    whole = panel(series(np.arange(5.0), known=known, past=past))
    joined = continued(whole.until([3]), whole.since([3]))
    np.testing.assert_array_equal(joined.known[0], known)
    np.testing.assert_array_equal(joined.past[0], past)
    assert joined.lengths.tolist() == [5]


@pytest.mark.parametrize(
    ("later", "message"),
    [
        (panel(series([1.0], begin="1999-01-01")), "no values after 2000-03, where"),
        (panel(series([1.0], name="x", begin="2000-04-01")), "series that do not go on from any: 'x'"),
        (panel(series([1.0], begin="2040-01-01")), "at 2040-01, which is not among the steps after 2000-03;"),
        (panel(series([1.0], begin="2000-04-01", known=[[1.0]])), "other covariates"),
        (panel(series([1.0], frequency=Frequency()), frequency=Frequency()), "no dates"),
    ],
    ids=["earlier", "another", "far off", "covariates", "steps"],
)
def test_what_does_not_go_on(later, message):
    with pytest.raises(InputError, match=message):
        continued(panel([1.0, 2.0, 3.0]), later)


def test_what_is_between_the_steps():
    later = panel(series([1.0], begin="2000-05-01", frequency=Frequency("month", 2)))
    with pytest.raises(InputError, match="not among the steps"):
        continued(panel([1.0, 2.0], frequency=Frequency("month", 3)), later)
