import numpy as np
import pytest

from ostinato.data import Frequency, calendar_features, calendar_names

CYCLES = ("minute", "hour", "day", "week", "month", "year")


@pytest.mark.parametrize(
    ("frequency", "cycles"),
    [
        (Frequency("second"), CYCLES),
        (Frequency("minute", 15), CYCLES[1:]),
        (Frequency("hour"), CYCLES[2:]),
        (Frequency("day"), CYCLES[3:]),
        (Frequency("business day", 1, "1111100"), CYCLES[3:]),
        (Frequency("week"), CYCLES[4:]),
        (Frequency("month"), ("year",)),
        (Frequency("quarter"), ("year",)),
        (Frequency("year"), ()),
        (Frequency(), ()),
    ],
    ids=str,
)
def test_the_cycles_that_vary_from_step_to_step(frequency, cycles):
    names = calendar_names(frequency)
    assert names == tuple(f"{wave} of {cycle}" for cycle in cycles for wave in ("sine", "cosine"))
    times = frequency.after(np.datetime64("2013-02-20", "s") if frequency.seconds else 0, 50)
    features = calendar_features(times, frequency)
    assert (features.dtype, features.shape) == (np.float32, (50, len(names)))
    assert (np.ptp(features, axis=0) > 0).all()


@pytest.mark.parametrize(
    ("time", "cycle", "turn"),
    [
        ("2013-01-07", "week", 0),
        ("2013-01-08T12:00", "week", 1.5 / 7),
        ("2013-01-06T23:59:59", "week", 1),
        ("2013-01-07T06:00", "day", 1 / 4),
        ("2013-01-07T06:45", "hour", 3 / 4),
        ("2013-02-15", "month", 1 / 2),
        ("2012-07-01", "year", 182 / 366),
        ("1969-12-31", "year", 364 / 365),
    ],
)
def test_where_in_a_cycle(time, cycle, turn):
    frequency = Frequency("minute")
    features = calendar_features(np.array([time], "datetime64[s]"), frequency)[0]
    waves = dict(zip(calendar_names(frequency), features, strict=True))
    assert waves[f"sine of {cycle}"] == pytest.approx(np.sin(2 * np.pi * turn), abs=1e-3)
    assert waves[f"cosine of {cycle}"] == pytest.approx(np.cos(2 * np.pi * turn), abs=1e-3)


def test_of_a_time_alone_as_among_others():
    frequency = Frequency("day")
    times = frequency.after(np.datetime64("2013-01-01", "s"), 9)
    np.testing.assert_array_equal(
        calendar_features(times[4:5], frequency), calendar_features(times, frequency)[4:5]
    )
