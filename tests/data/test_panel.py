from dataclasses import replace
from datetime import date

import numpy as np
import pandas
import polars
import pytest

from ostinato._errors import InputError, ParameterError
from ostinato.data import Frequency, Panel

nan = np.nan
WHEN = ["2013-01-01", "2013-01-02", "2013-01-04", "2013-01-05", "2013-01-06"]
FRAME = {
    "when": [date.fromisoformat(day) for day in WHEN],
    "y": [1.0, None, 3.0, 4.0, None],
    "holiday": [0, 0, 1, 0, 1],
    "rain": [5.0, 6.0, None, 8.0, None],
}
ROLES = {"time": "when", "target": "y", "known": ["holiday"], "past": ["rain"]}


@pytest.fixture
def panel():
    return Panel.of(FRAME, **ROLES)


@pytest.mark.parametrize(
    "frame",
    [
        FRAME,
        {**FRAME, "when": WHEN},
        {**FRAME, "when": np.array(WHEN, "datetime64[ns]"), "y": np.array([1, nan, 3, 4, nan])},
        pandas.DataFrame(FRAME),
        pandas.DataFrame({**FRAME, "when": pandas.to_datetime(WHEN)}),
        polars.DataFrame(FRAME),
    ],
    ids=["mapping", "texts", "arrays", "pandas", "pandas timestamps", "polars"],
)
def test_data_frames_with_holes_and_what_is_known_ahead(frame):
    panel = Panel.of(frame, **ROLES)
    (series,) = panel.series
    assert (panel.names, panel.known_names, panel.past_names) == (("",), ("holiday",), ("rain",))
    assert panel.frequency == Frequency("day")
    assert series.times[[0, -1]].tolist() == [*np.array([WHEN[0], WHEN[-1]], "datetime64[s]").tolist()]
    np.testing.assert_array_equal(series.values, [1, nan, nan, 3, 4])
    np.testing.assert_array_equal(series.known[:, 0], [0, 0, nan, 1, 0, 1])
    np.testing.assert_array_equal(series.past[:, 0], [5, 6, nan, nan, 8])
    assert series.gaps.tolist() == [np.datetime64("2013-01-03", "s").item()]
    assert (panel.lengths.tolist(), panel.ahead.tolist()) == ([5], [1])


@pytest.mark.parametrize(
    ("X", "names", "values"),
    [
        ([1, 2, None], ("",), [[1, 2]]),
        (np.arange(3), ("",), [[0, 1, 2]]),
        (pandas.Series([1.0, 2.0], index=[7, 8]), ("",), [[1, 2]]),
        (polars.Series([1, None, 2]), ("",), [[1, nan, 2]]),
        (np.ones((2, 3)), ("1", "2"), [[1, 1, 1], [1, 1, 1]]),
        ([[1, 2, 3], np.array([nan, 4])], ("1", "2"), [[1, 2, 3], [4]]),
        ([[1, 2, 3]], ("",), [[1, 2, 3]]),
    ],
    ids=["list", "array", "pandas column", "polars column", "matrix", "lists", "list of one"],
)
def test_numbers_alone(X, names, values):
    panel = Panel.of(X)
    assert (panel.names, panel.frequency) == (names, Frequency())
    np.testing.assert_equal([each.tolist() for each in panel.values], values)
    assert all(each.shape == (len(values), 0) for each, values in zip(panel.known, panel.values, strict=True))


def test_an_index_of_dates_tells_the_time():
    index = pandas.date_range("2013-01-31", periods=3, freq="ME", name="month")
    column = pandas.Series([1.0, 2, 3], index=index)
    frame = pandas.DataFrame({"y": [1.0, 2, 3]}, index=index)
    panels = [Panel.of(column), Panel.of(frame, target="y"), Panel.of(frame, time="month", target="y")]
    assert {panel.frequency for panel in panels} == {Frequency("month", day=31)}
    assert len({panel.fingerprint() for panel in panels}) == 1


def test_steps_are_numbered_from_1():
    panel = Panel.of([[nan, 5, 6], [7, 8]])
    assert [times.tolist() for times in panel.times] == [[2, 3], [1, 2]]
    assert [times.tolist() for times in panel.next_times(2)] == [[4, 5], [3, 4]]


def test_a_panel_is_as_it_is(panel):
    assert Panel.of(panel) is panel


@pytest.mark.parametrize(
    ("X", "roles", "complaint"),
    [
        ([], {}, "X has no values"),
        (3, {}, "X is int; give a series of numbers"),
        ("12", {}, "X is str; give a series of numbers"),
        (["a"], {}, "X is no series of numbers"),
        (np.ones(3) + 1j, {}, r"X is no series of numbers \(T,\): they are complex"),
        ([nan, None], {}, "X has no values; give it some"),
        ([1, np.inf], {}, "X, step 2: inf is infinite"),
        ([[1], [2, -1e300]], {}, "series 2, step 2: -1e[+]300 is infinite or too large"),
        ([[1], []], {}, "series 2 has no values"),
        ([[1], [[2]]], {}, "series 2 has 2 dimensions; a series has one"),
        ([[1], 2], {}, "series 2 has 0 dimensions"),
        ([1, 2], {"target": "y"}, "X is list and has no columns; name none"),
        (FRAME, {}, "target is needed: X has 'when', 'y'"),
        (FRAME, {"target": "z"}, "X has no column 'z'; it has 'when', 'y', 'holiday', 'rain'"),
        (FRAME, {"target": "when"}, r"X, row 1: datetime.date\(.*\) in column 'when' is not a number"),
        ({"y": []}, {"target": "y"}, "X has no rows"),
        ({}, {"target": "y"}, "X has no rows"),
        ({"y": [1, 2], "t": [1]}, {"target": "y"}, "X has 2 rows in column 'y' and 1 in 't'"),
        ({"y": [1, np.inf]}, {"target": "y"}, "X, row 2: inf in column 'y' is infinite"),
    ],
    ids=str,
)
def test_one_line_says_what_is_wrong(X, roles, complaint):
    with pytest.raises((InputError, ParameterError), match=complaint) as caught:
        Panel.of(X, **roles)
    assert "\n" not in str(caught.value)


def test_until_leaves_what_is_known_ahead(panel):
    (series,) = panel.until([2]).series
    np.testing.assert_array_equal(series.values, [1, nan])
    assert (len(series.times), len(series.known), len(series.past), len(series.gaps)) == (6, 6, 2, 0)


def test_since_begins_later(panel):
    (series,) = panel.since([2]).series
    np.testing.assert_array_equal(series.values, [nan, 3, 4])
    assert (len(series.times), len(series.known), len(series.past), len(series.gaps)) == (4, 4, 3, 1)


def test_until_and_since_are_the_whole():
    panel = Panel.of([np.arange(5.0), np.arange(7.0)])
    before, after = panel.until([2, 3]), panel.since([2, 3])
    for values, one, other in zip(panel.values, before.values, after.values, strict=True):
        np.testing.assert_array_equal(np.concatenate([one, other]), values)


def test_some_of_the_series():
    panel = Panel.of([[1, 2], [3], [4, 5]]).take(np.array([2, 0]))
    assert panel.names == ("3", "1")
    assert [values.tolist() for values in panel.values] == [[4, 5], [1, 2]]


def test_the_fingerprint_is_of_all_that_is_learned_from(panel):
    frames = [
        {**FRAME, "y": [2, *FRAME["y"][1:]]},
        {**FRAME, "holiday": [1, *FRAME["holiday"][1:]]},
        {**FRAME, "rain": [1, *FRAME["rain"][1:]]},
        {**FRAME, "when": [day.replace(year=2014) for day in FRAME["when"]]},
    ]
    prints = {each.fingerprint() for each in (panel, *(Panel.of(frame, **ROLES) for frame in frames))}
    assert len(prints) == 5
    assert replace(panel, origin={}).fingerprint() == panel.fingerprint()
