import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ostinato.data import Frequency
from ostinato.data._find_frequency import filled, find_frequency

WORK = "1111100"


def days(*texts: str) -> np.ndarray:
    return np.array(texts, "datetime64[s]")


def of_weekdays(*weekdays: int, weeks: int = 9) -> np.ndarray:
    """These weekdays, Monday 0, of some weeks."""
    monday = np.datetime64("2013-01-07", "D")
    return np.array([monday + 7 * week + day for week in range(weeks) for day in weekdays], "datetime64[s]")


@pytest.mark.parametrize(
    ("times", "frequency"),
    [
        (of_weekdays(*range(7)), Frequency("day")),
        (of_weekdays(*range(5)), Frequency("business day", 1, WORK)),
        (of_weekdays(*range(6)), Frequency("business day", 1, "1111110")),
        (of_weekdays(0, 2, 4), Frequency("business day", 1, "1010100")),
        (of_weekdays(*range(5), weeks=1), Frequency("day")),
        (of_weekdays(*range(6), weeks=2), Frequency("day")),
        (of_weekdays(3), Frequency("week")),
        (of_weekdays(3)[::4], Frequency("week", 4)),
        (of_weekdays(*range(7))[::3], Frequency("day", 3)),
        (days("2013-01-01", "2013-02-01", "2013-04-01"), Frequency("month")),
        (days("2013-01-30", "2013-02-28", "2013-03-30"), Frequency("month", day=30)),
        (days("2013-01-31", "2013-02-28", "2013-03-31"), Frequency("month", day=31)),
        (days("2013-01-31", "2013-02-28", "2013-03-29"), Frequency("month", day=31)),
        (days("2013-01-18", "2013-02-15", "2013-03-15", "2013-04-19"), Frequency("month")),
        (days("2013-01-01", "2013-04-01", "2013-07-01"), Frequency("quarter")),
        (days("2013-01-01", "2013-07-01", "2014-01-01"), Frequency("month", 6)),
        (days("2012-02-29", "2013-02-28", "2015-02-28"), Frequency("year", day=31)),
        (days("2010-01-01", "2014-01-01"), Frequency("year", 4)),
        (days("2013-01-01T00:30", "2013-01-01T01:30", "2013-01-01T03:30"), Frequency("hour")),
        (days("2013-01-01T00:00", "2013-01-01T00:15", "2013-01-01T00:45"), Frequency("minute", 15)),
        (days("2013-01-01T00:00:00", "2013-01-01T00:00:05"), Frequency("second", 5)),
        (np.array([3, 4, 6]), Frequency()),
        (np.array([0, 10, 30]), Frequency("step", 10)),
    ],
    ids=str,
)
def test_of_one_series(times, frequency):
    assert find_frequency([times]) == frequency


def test_all_series_count():
    series = [days("2013-01-07", "2013-01-09"), days("2013-01-07", "2013-01-10"), days("2014-01-01")]
    assert find_frequency(series) == Frequency("day")


def test_series_may_begin_at_different_days_of_the_month():
    series = [days("2013-01-31", "2013-02-28"), days("2013-01-30", "2013-02-28")]
    assert find_frequency(series) == Frequency("month")


def test_single_times_tell_nothing():
    assert find_frequency([days("2013-01-01"), days("2013-01-02")]) is None


STEPS = st.lists(st.integers(1, 3), min_size=1, max_size=40).map(lambda steps: np.cumsum([0, *steps]))
GRIDS = [
    Frequency("hour"),
    Frequency("day"),
    Frequency("week"),
    Frequency("month"),
    Frequency("year"),
    Frequency(),
]


@pytest.mark.parametrize("frequency", GRIDS, ids=str)
@settings(max_examples=30, deadline=None)
@given(steps=STEPS)
def test_times_of_a_grid_are_steps_of_what_is_found(frequency, steps):
    start = np.datetime64("2013-01-31", "s") if frequency.seconds else 5
    times = frequency.at(start, steps)
    found = find_frequency([times])
    assert found is not None
    assert found.are_steps(times[0], times).all()
    assert (np.diff(found.steps(times[0], times)) > 0).all()
    assert filled(found, [times]) >= filled(frequency, [times])  # as coarse a grid or coarser


def test_share_of_a_grid():
    series = [days("2013-01-01", "2013-01-04"), days("2014-01-01", "2014-01-02")]
    assert filled(Frequency("day"), series) == 4 / 6
