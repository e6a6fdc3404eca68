import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ostinato._errors import InputError
from ostinato.data import Frequency

properties = settings(max_examples=60, deadline=None)
WORK = "1111100"
FREQUENCIES = [
    *(
        Frequency(unit, multiple)
        for unit in ("second", "minute", "hour", "day", "week")
        for multiple in (1, 15)
    ),
    *(Frequency(unit, multiple) for unit in ("month", "quarter", "year") for multiple in (1, 4)),
    *(Frequency(unit, day=31) for unit in ("month", "quarter", "year")),
    *(Frequency("business day", 1, weekdays) for weekdays in (WORK, "1111110", "1010101")),
]


def start_of(frequency: Frequency) -> np.datetime64:
    day = "2013-01-31" if frequency.day else "2013-01-28"  # a Monday
    return np.datetime64(f"{day}T14:30:00", "s")


@pytest.mark.parametrize("frequency", FREQUENCIES, ids=str)
def test_steps_count_what_at_goes(frequency):
    start = start_of(frequency)
    steps = np.arange(60)
    times = frequency.at(start, steps)
    assert times.dtype == "datetime64[s]"
    assert times[0] == start
    np.testing.assert_array_equal(frequency.steps(start, times), steps)
    assert frequency.are_steps(start, times).all()
    np.testing.assert_array_equal(frequency.after(times[9], 50), times[10:])


@properties
@given(st.integers(1, 9), st.integers(-(10**6), 10**6), st.lists(st.integers(0, 1000), min_size=1))
def test_numbered_steps(multiple, start, steps):
    frequency = Frequency("step", multiple)
    times = frequency.at(start, np.array(steps))
    assert times.dtype == np.int64
    assert frequency.steps(start, times).tolist() == steps


def days(*texts: str) -> np.ndarray:
    return np.array(texts, "datetime64[s]")


@pytest.mark.parametrize(
    ("frequency", "start", "following"),
    [
        (Frequency("month"), "2013-01-31", days("2013-02-28", "2013-03-31", "2013-04-30")),
        (Frequency("month", day=30), "2013-02-28", days("2013-03-30", "2013-04-30", "2013-05-30")),
        (Frequency("month", day=31), "2013-02-28", days("2013-03-31", "2013-04-30", "2013-05-31")),
        (Frequency("quarter"), "2012-11-30", days("2013-02-28", "2013-05-30", "2013-08-30")),
        (Frequency("year"), "2012-02-29", days("2013-02-28", "2014-02-28", "2015-02-28")),
        (Frequency("business day", 1, WORK), "2013-02-01", days("2013-02-04", "2013-02-05", "2013-02-06")),
        (Frequency("hour", 6), "2013-02-01", days("2013-02-01T06", "2013-02-01T12", "2013-02-01T18")),
    ],
    ids=["short months", "the 30th", "month ends", "quarters", "leap day", "weekend", "six hours"],
)
def test_what_follows(frequency, start, following):
    np.testing.assert_array_equal(frequency.after(np.datetime64(start, "s"), 3), following)


def test_any_day_of_a_month_is_its_step():
    start, times = days("2013-01-31")[0], days("2013-02-28", "2013-03-29", "2013-03-31")
    assert Frequency("month").steps(start, times).tolist() == [1, 2, 2]
    assert Frequency("month").are_steps(start, times).all()
    assert Frequency("quarter").are_steps(start, times).tolist() == [False, False, False]


def test_a_weekend_is_no_step_of_business_days():
    frequency, start = Frequency("business day", 1, WORK), days("2013-02-01")[0]
    assert frequency.are_steps(start, days("2013-02-02", "2013-02-04")).tolist() == [False, True]


@pytest.mark.parametrize(
    ("frequency", "cycles"),
    [
        (Frequency("minute"), (60, 1440, 10_080, 525_960)),
        (Frequency("minute", 15), (4, 96, 672, 35_064)),
        (Frequency("hour"), (24, 168, 8766)),
        (Frequency("day"), (7, 365)),
        (Frequency("business day", 1, WORK), (5, 261)),
        (Frequency("week"), (52,)),
        (Frequency("month"), (12,)),
        (Frequency("month", 6), (2,)),
        (Frequency("quarter"), (4,)),
        (Frequency("day", 5), (73,)),
        (Frequency("year"), ()),
        (Frequency(), ()),
    ],
    ids=str,
)
def test_cycles_of_the_calendar(frequency, cycles):
    assert frequency.cycles == cycles


@pytest.mark.parametrize(
    ("frequency", "words"),
    [
        (Frequency("month"), "1 month"),
        (Frequency("minute", 15), "15 minutes"),
        (Frequency("business day", 1, WORK), "1 business day"),
        (Frequency(), "1 step"),
    ],
    ids=str,
)
def test_in_words(frequency, words):
    assert str(frequency) == words


@pytest.mark.parametrize("frequency", [Frequency(), *FREQUENCIES], ids=str)
def test_there_and_back_as_json(frequency):
    assert Frequency.from_json(frequency.to_json()) == frequency


@pytest.mark.parametrize(
    "changes",
    [
        {"unit": "moon"},
        {"unit": ["day"]},
        {"multiple": 0},
        {"multiple": 1.5},
        {"multiple": True},
        {"multiple": 10**30},
        {"weekdays": WORK},
        {"unit": "business day", "weekdays": "0000000"},
        {"unit": "business day", "weekdays": "11111"},
        {"unit": "business day", "weekdays": None},
        {"unit": "business day", "weekdays": WORK, "multiple": 2},
        {"day": 31},
        {"unit": "month", "day": 32},
        {"unit": "month", "day": True},
    ],
    ids=str,
)
def test_a_strangers_json_is_refused(changes):
    with pytest.raises(InputError, match="save it anew"):
        Frequency.from_json({**Frequency("day").to_json(), **changes})


@pytest.mark.parametrize("value", [None, [], "day", {}], ids=str)
def test_what_is_no_frequency_is_refused(value):
    with pytest.raises(InputError, match="save it anew"):
        Frequency.from_json(value)
