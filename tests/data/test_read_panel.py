import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ostinato._errors import InputError
from ostinato.data import Frequency, Panel, PanelColumns, Table, read_panel

MONTHS = [f"2012-{month:02}-01" for month in range(1, 13)]
WORKING = Frequency("business day", 1, "1111100")
Y = PanelColumns("y", "t")
BY_SERIES = PanelColumns("y", "t", "s")


def days(count: int, first: str = "2013-01-01") -> list[str]:
    return [(date.fromisoformat(first) + timedelta(days=day)).isoformat() for day in range(count)]


def lines(*columns: list) -> str:
    return "".join(f"{','.join(map(str, row))}\n" for row in zip(*columns, strict=True))


@pytest.fixture
def write(tmp_path):
    def written(content: str, name: str = "t.csv") -> Path:
        path = tmp_path / name
        path.write_text(content)
        return path

    return written


def test_business_days_whose_holidays_are_reported(write):
    working = [day for day in days(28) if date.fromisoformat(day).weekday() < 5 and day != "2013-01-21"]
    (series,) = read_panel(write("t,y\n" + lines(working, range(19))), Y).series
    assert len(series) == 20
    assert series.gaps.tolist() == [np.datetime64("2013-01-21", "s").item()]
    assert np.isnan(series.values[series.times == series.gaps[0]]).all()


def test_many_series_in_one_table_in_any_order_of_series(write):
    path = write("s,t,y\nb,2013-01-01,1\na,2013-01-02,2\nb,2013-01-02,3\na,2013-01-05,4\n")
    panel = read_panel(path, BY_SERIES)
    assert (panel.names, panel.lengths.tolist()) == (("b", "a"), [2, 4])
    np.testing.assert_array_equal(panel.values[1], [2, np.nan, np.nan, 4])
    assert [len(gaps) for gaps in panel.gaps] == [0, 2]


def test_without_a_time_column_rows_are_steps(write):
    panel = read_panel(write("s,y\nb,1\na,2\nb,\nb,3\n"), PanelColumns("y", series="s"))
    assert (panel.frequency, [times.tolist() for times in panel.times]) == (Frequency(), [[1, 2, 3], [1]])
    np.testing.assert_array_equal(panel.values[0], [1, np.nan, 3])


def test_rows_after_the_last_value_are_what_is_known_ahead(write):
    path = write("t,y,k,p\n1,,1,1\n2,5,2,2\n3,6,3,3\n4,,4,\n5,,5,\n")
    panel = read_panel(path, PanelColumns("y", "t", known=("k",), past=("p",)))
    assert (panel.lengths.tolist(), panel.ahead.tolist()) == ([2], [2])
    assert panel.times[0].tolist() == [2, 3, 4, 5]
    np.testing.assert_array_equal(panel.known[0], [[2], [3], [4], [5]])
    np.testing.assert_array_equal(panel.past[0], [[2], [3]])
    assert read_panel(path, Y).times[0].tolist() == [2, 3]


def test_how_it_was_read_is_told_as_json(write):
    columns = PanelColumns("y", "t", "s", ("k",))
    path = write("t,y,s,k\n1,1,a,1\n2,2,a,2\n")
    panel = read_panel(path, columns)
    origin = json.loads(json.dumps(panel.origin))
    again = read_panel(path, PanelColumns.from_json(origin["columns"]), frequency=panel.frequency)
    assert again.fingerprint() == panel.fingerprint()


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
def test_other_tables(tmp_path, suffix):
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame({"t": [date(2013, 1, day) for day in (1, 2, 4)], "y": [1.5, None, 2.5]})
    path = tmp_path / f"t{suffix}"
    frame.write_parquet(path) if suffix == ".parquet" else frame.write_ndjson(path)
    np.testing.assert_array_equal(read_panel(path, Y).values[0], [1.5, np.nan, np.nan, 2.5])


@pytest.mark.parametrize(
    ("frequency", "rows"),
    [(WORKING, days(3)), (Frequency("week"), days(1)), (None, days(2))],
    ids=["too few rows to see weekends", "one row", "found"],
)
def test_a_frequency_may_be_given(write, frequency, rows):
    panel = read_panel(write("t,y\n" + lines(rows, rows).replace(",2013-01-0", ",")), Y, frequency=frequency)
    assert panel.frequency == (frequency or Frequency("day"))


BAD_TIMES = {
    "no date": (
        [*days(3), "31.01.2013"],
        "row 4: '31.01.2013' in column 't' is no date; write 2013-01-31",
    ),
    "missing": ([*days(3), ""], "nothing in column 't' in row 4; fill it or remove the row"),
    "twice": (
        [*days(3), "2013-01-03"],
        "row 4: '2013-01-03' in column 't' is in row 3 too; keep one, or name the column that",
    ),
    "unsorted": (
        [*days(3), "2013-01-01"],
        "row 4: '2013-01-01' in column 't' comes after '2013-01-03' in row 3; sort the rows",
    ),
    "months, then days": (
        [*MONTHS, *days(40)],
        "row 2: '2012-02-01' in column 't' is 1 month after row 1, and most others 1 day: that is no one",
    ),
    "days, then weeks": (
        [*days(600, "2011-01-01"), *days(63, "2012-09-01")[::7]],
        "row 602: '2012-09-08' in column 't' is 1 week after row 601, and most others 1 day",
    ),
    "far off": (
        [*days(3), "2014-07-01"],
        "row 4: '2014-07-01' in column 't' is 544 days after row 3, and most others 1 day",
    ),
    "numbers far off": (
        [1, 2, 3, 50],
        "row 4: '50' in column 't' is 47 steps after row 3, and most others 1",
    ),
    "jitter": (
        [f"2013-01-01 00:{minute:02}:{minute % 3 // 2:02}" for minute in range(9)],
        "row 3: '2013-01-01 00:02:01' in column 't' is 61 seconds after row 2, and most others 1 minute",
    ),
    "one row": (days(1), "t.csv has one row of each series, and how far apart steps are cannot be told"),
}


@pytest.mark.parametrize(("times", "complaint"), BAD_TIMES.values(), ids=BAD_TIMES)
def test_bad_times(write, times, complaint):
    with pytest.raises(InputError, match=complaint) as caught:
        read_panel(write("t,y\n" + lines(times, range(len(times)))), Y)
    assert "\n" not in str(caught.value)


NOT_AS_GIVEN = {
    "a Saturday": (
        WORKING,
        days(6),
        "row 5: '2013-01-05' .* and the steps are 1 business day: that is no one",
    ),
    "a Saturday first": (
        WORKING,
        days(3, "2013-01-05"),
        "row 1: '2013-01-05' in column 't' is none, and the",
    ),
    "days for months": (
        Frequency("month"),
        days(3),
        "row 2: '2013-01-02' .* is 1 day after row 1, and the steps",
    ),
    "months for days": (
        Frequency("day"),
        MONTHS,
        "row 2: '2012-02-01' .* is 1 month after row 1, and the steps",
    ),
    "numbers for days": (
        Frequency("day"),
        [1, 2],
        "row 1: '1' in column 't' cannot be counted in steps of 1 day",
    ),
    "days for numbers": (
        Frequency(),
        days(2),
        "row 1: '2013-01-01' in column 't' cannot be counted in steps",
    ),
}


@pytest.mark.parametrize(("frequency", "times", "complaint"), NOT_AS_GIVEN.values(), ids=NOT_AS_GIVEN)
def test_times_keep_to_a_frequency_that_is_given(write, frequency, times, complaint):
    with pytest.raises(InputError, match=complaint):
        read_panel(write("t,y\n" + lines(times, range(len(times)))), Y, frequency=frequency)


BAD_TABLES = {
    "no target": ("t,y\n1,1\n", PanelColumns("z", "t"), "t.csv has no column 'z'; it has 't', 'y'"),
    "no time": ("t,y\n1,1\n", PanelColumns("y", "z"), "t.csv has no column 'z'; it has 't', 'y'"),
    "no series": ("t,y\n1,1\n", PanelColumns("y", series="z"), "t.csv has no column 'z'; it has 't', 'y'"),
    "no covariate": (
        "t,y\n1,1\n",
        PanelColumns("y", past=("z",)),
        "t.csv has no column 'z'; it has 't', 'y'",
    ),
    "infinity": ("t,y\n1,1\n2,inf\n", Y, "row 2: 'inf' in column 'y' is infinite or too large"),
    "too large": ("t,y\n1,1\n2,-1e300\n", Y, "row 2: '-1e300' in column 'y' is infinite or too large"),
    "no number": (
        "t,y\n1,1\n2,x\n",
        Y,
        "row 2: 'x' in column 'y' is not a number; correct it, or leave it em",
    ),
    "no values": ("t,y\n1,\n2,nan\n", Y, "t.csv: nothing in column 'y' in any row; fill or remove them"),
    "a series without values": (
        "s,t,y\na,1,1\na,2,1\nb,1,\n",
        BY_SERIES,
        "t.csv: nothing in column 'y' in any row of s 'b'; fill or remove them",
    ),
    "a series without a name": ("s,t,y\na,1,1\n,2,1\n", BY_SERIES, "nothing in column 's' in row 2"),
    "twice in a series": (
        "s,t,y\na,1,1\nb,1,1\nb,1,2\n",
        BY_SERIES,
        "row 3: '1' in column 't' is in row 2 too; keep one$",
    ),
    "covariate": (
        "t,y,k\n1,1,x\n",
        PanelColumns("y", known=("k",)),
        "row 1: 'x' in column 'k' is not a number",
    ),
    "infinite covariate": (
        "t,y,k\n1,1,inf\n",
        PanelColumns("y", past=("k",)),
        "row 1: 'inf' in column 'k' is infinite",
    ),
    "no rows": ("t,y\n", Y, "t.csv has no rows below its header"),
    "empty": ("", Y, "t.csv is empty"),
    "series of two frequencies": (
        f"s,t,y\n{lines(['a'] * 60, days(60), range(60))}{lines(['b'] * 12, MONTHS, range(12))}",
        BY_SERIES,
        "row 62: '2012-02-01' in column 't' is 1 month after row 61, and most others 1 day",
    ),
}


@pytest.mark.parametrize(("content", "columns", "complaint"), BAD_TABLES.values(), ids=BAD_TABLES)
def test_one_line_says_what_is_wrong(write, content, columns, complaint):
    with pytest.raises(InputError, match=complaint) as caught:
        read_panel(write(content), columns)
    assert "\n" not in str(caught.value)


TIME = st.integers(-3, 9) | st.dates(date(2013, 1, 1), date(2013, 3, 1)).map(str) | st.text(max_size=3)
VALUE = st.sampled_from(["", "1", "2.5", "nan", "inf", "x"])


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(TIME, VALUE, st.sampled_from("ab")), min_size=1, max_size=12), st.booleans())
def test_any_table_is_read_or_refused_in_one_line(rows, ordered):
    rows = sorted(rows, key=lambda row: str(row[0])) if ordered else rows
    cells = {name: list(column) for name, column in zip("tys", zip(*rows, strict=True), strict=True)}
    try:
        panel = Panel.of_table(Table(Path("t.csv"), cells, lambda row: f"t.csv, row {row + 1}"), BY_SERIES)
    except InputError as error:
        assert "\n" not in str(error).replace("\\n", "")
    else:
        assert all(len(times) == len(values) for times, values in zip(panel.times, panel.values, strict=True))
        assert sum(np.isfinite(values).sum() for values in panel.values) == sum(
            y in ("1", "2.5") for y in cells["y"]
        )
