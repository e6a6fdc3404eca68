from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ostinato._errors import InputError
from ostinato.data._table import Table
from ostinato.data._times import read_times

properties = settings(max_examples=60, deadline=None)


def read(*cells):
    return read_times(Table(Path("t.csv"), {"t": list(cells)}, lambda row: f"t.csv, row {row + 1}"), "t")


@pytest.mark.parametrize(
    ("cells", "first"),
    [
        (["2013-01-31", "2013-02-01"], "2013-01-31"),
        (["2013/1/31", " 2013/02/01 "], "2013-01-31"),
        (["2013-01", "2013-2"], "2013-01-01"),
        (["2013Q2", "2013-q3", "2013 Q4"], "2013-04-01"),
        (["2013-01-31 14:00", "2013-01-31T15:00:00"], "2013-01-31T14:00"),
        (["2013-01-31T14:00:00Z", "2013-01-31T15:00:00Z"], "2013-01-31T14:00"),
        (["1999", "2001"], "1999-01-01"),
        ([1999, 2001.0], "1999-01-01"),
        (["1999", "2001-02"], "1999-01-01"),
        (["201302", "201311"], "2013-02-01"),
        ([20130228, 20130301], "2013-02-28"),
        ([date(2013, 1, 31), datetime(2013, 2, 1, 12)], "2013-01-31"),
    ],
    ids=str,
)
def test_dates(cells, first):
    times = read(*cells)
    assert times.dtype == "datetime64[s]"
    assert (times.shape, times[0]) == ((len(cells),), np.datetime64(first))


@pytest.mark.parametrize("cells", [["1", "02", "-3"], [1, 2, -3], [1.0, "2.0", "-3."]], ids=str)
def test_numbered_steps(cells):
    steps = read(*cells)
    assert steps.dtype == np.int64
    assert steps.tolist() == [1, 2, -3]


def test_one_time_zone_is_left_out():
    zone = timezone(timedelta(hours=9))
    assert read(datetime(2013, 1, 1, tzinfo=zone)) == np.datetime64("2013-01-01")


def test_several_time_zones_become_utc():
    times = read("2013-03-31T01:00:00+01:00", "2013-03-31T03:00:00+02:00")
    assert times.tolist() == [datetime(2013, 3, 31, 0), datetime(2013, 3, 31, 1)]


def test_days_stay_days_when_the_clocks_change():
    times = read("2013-03-30T00:00:00+01:00", "2013-03-31T00:00:00+01:00", "2013-04-01T00:00:00+02:00")
    assert np.diff(times).tolist() == [timedelta(days=1)] * 2


@pytest.mark.parametrize(
    ("cells", "complaint"),
    [
        (
            ["2013-01-31", "31.01.2013"],
            r"t.csv, row 2: '31.01.2013' in column 't' is no date; write 2013-01-31",
        ),
        (["2013-02-30"], "row 1: '2013-02-30' in column 't' is no date"),
        (["20130101", "20130102", "20130231"], "row 3: '20130231' in column 't' is no date"),
        (["2013-01-01", ""], "nothing in column 't' in row 2; fill it"),
        ([1, None, 3], "nothing in column 't' in row 2; fill it"),
        ([1, 2, "x"], "row 3: 'x' in column 't' is no whole number, and most other rows have one"),
        ([1.5, 2.5], "row 1: 1.5 in column 't' is no date"),
        ([float("nan")], "row 1: nan in column 't' is no date"),
        ([True], "row 1: True in column 't' is no date"),
        ([10**30], "is no date"),
        (["0001-01-01"], "is no date"),
        (["2013-01-01T00:00:00.5"], "has a fraction of a second; number the steps instead"),
        (
            ["2013-01-01", "2013-01-02T00:00Z"],
            "row 2: .* has a time zone and row 1 has none; write all alike",
        ),
        (
            ["2013-01-01T00:00Z", "2013-01-02"],
            "row 2: .* has no time zone and row 1 has one; write all alike",
        ),
    ],
    ids=str,
)
def test_one_line_names_row_and_value(cells, complaint):
    with pytest.raises(InputError, match=complaint) as caught:
        read(*cells)
    assert "\n" not in str(caught.value)


MOMENTS = st.datetimes(datetime(1000, 1, 1), datetime(3000, 1, 1)).map(
    lambda moment: moment.replace(microsecond=0)
)


@properties
@given(st.lists(MOMENTS, min_size=1))
def test_every_iso_moment_is_read_back(moments):
    assert read(*[moment.isoformat() for moment in moments]).tolist() == moments


@properties
@given(st.lists(MOMENTS, min_size=1))
def test_every_moment_of_a_time_zone_is_read_back(moments):
    assert read(*[moment.replace(tzinfo=UTC) for moment in moments]).tolist() == moments


@properties
@given(st.lists(st.text(max_size=12) | st.integers() | st.floats() | st.none(), min_size=1, max_size=4))
def test_whatever_a_column_holds_is_read_or_refused(cells):
    try:
        times = read(*cells)
    except InputError as error:
        assert "\n" not in str(error).replace("\\n", "")
    else:
        assert times.shape == (len(cells),)
