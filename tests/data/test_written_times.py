"""Times as one writes them."""

import numpy as np
import pytest

from ostinato.data import written_times

TIMES = [
    (["2013-01-01", "2014-01-01"], "year", ["2013", "2014"]),
    (["2013-01-01", "2013-04-01"], "quarter", ["2013-01", "2013-04"]),
    (["2013-01-01", "2013-02-01"], "month", ["2013-01", "2013-02"]),
    (["2013-01-31", "2013-02-28"], "month", ["2013-01-31", "2013-02-28"]),
    (["2013-01-01"], "day", ["2013-01-01"]),
    (["2013-01-01T06"], "day", ["2013-01-01 06:00"]),
    (["2013-01-01T00"], "hour", ["2013-01-01 00:00"]),
    (["2013-01-01T00:00:30"], "minute", ["2013-01-01 00:00:30"]),
]


@pytest.mark.parametrize(("times", "unit", "written"), TIMES)
def test_times_are_written_as_short_as_their_unit_lets_them(times, unit, written):
    assert written_times(np.array(times, "datetime64[s]"), unit) == written


def test_steps_are_written_as_numbers():
    assert written_times(np.array([3, 4]), "step") == [3, 4]
