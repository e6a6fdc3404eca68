"""Series that the user can mend: one clear line, exit code 2, nothing half-written."""

import re
import sys

import pytest

SMALL = ["--hidden=8", "--epochs=1", "--threads=1"]
COLUMNS = ["--time=달 1", "--target=y"]
MONTHS = [f"20{year}-{month:02}" for year in (20, 21) for month in range(1, 13)]
ROWS = [f"{month},{100 + 7 * k % 40}" for k, month in enumerate(MONTHS)]


def csv(*rows):
    return "\n".join(["달 1,y", *rows, ""])


def changed(row, value):
    """The good rows, one of them with another value."""
    return csv(*ROWS[: row - 1], f"{MONTHS[row - 1]},{value}", *ROWS[row:])


DAYS = [f"2020-01-{day:02},{day % 7}" for day in range(1, 20)]
TABLES = [
    pytest.param(
        csv(*ROWS[:3], "soon,5", *ROWS[3:]), "row 4: 'soon' in column '달 1' is no date", id="no-date"
    ),
    pytest.param(csv(*ROWS[:3], ",5", *ROWS[3:]), "nothing in column '달 1' in row 4", id="date-missing"),
    pytest.param(csv("2020-13,5", *ROWS[1:]), "row 1: '2020-13' in column '달 1' is no date", id="month-13"),
    pytest.param(
        csv(*ROWS[:3], ROWS[2]), "row 4: '2020-03' in column '달 1' is in row 3 too", id="duplicate"
    ),
    pytest.param(
        csv(ROWS[1], ROWS[0]), "row 2: '2020-01' in column '달 1' comes after '2020-02'", id="unsorted"
    ),
    pytest.param(
        csv(*DAYS, "2020-02-01,3", "2020-03-01,4", "2020-04-01,4"),
        "and most others 1 day: that is no one frequency",
        id="mixed-frequencies",
    ),
    pytest.param(
        csv(*DAYS[:12], "2020-01-13 01:00,3", *DAYS[13:]),
        "row 13: '2020-01-13 01:00' in column '달 1' is 25 hours after row 12, and most others 1 day",
        id="one-odd-hour",
    ),
    pytest.param(
        csv(*ROWS[:12], "2020-12-15,3", *ROWS[12:]),
        "row 13: '2020-12-15' in column '달 1' is 2 weeks after row 12, and most others 1 month",
        id="one-odd-day",
    ),
    pytest.param(changed(4, "inf"), "row 4: 'inf' in column 'y' is infinite", id="infinite"),
    pytest.param(changed(4, "many"), "row 4: 'many' in column 'y' is not a number", id="no-number"),
    pytest.param(csv(*(f"{m},nan" for m in MONTHS)), "nothing in column 'y' in any row", id="all-nan"),
    pytest.param(csv(*(f"{m},5" for m in MONTHS)), "the values never change, they are all 5", id="constant"),
    pytest.param(csv(*ROWS[:3]), "a horizon of 3 needs series of 6 values or more", id="short"),
    pytest.param(csv(ROWS[0]), "has one row of each series", id="one-row"),
    pytest.param(csv(), "has no rows below its header", id="no-rows"),
    pytest.param("", "is empty", id="empty"),
]


@pytest.fixture
def table(tmp_path):
    """A good table."""
    (tmp_path / "t.csv").write_text(csv(*ROWS))
    return tmp_path / "t.csv"


@pytest.mark.filterwarnings("ignore:series of")  # that nothing can be held out
@pytest.mark.parametrize(("content", "words"), TABLES)
def test_table_to_train_on(refused, contents, tmp_path, content, words):
    (tmp_path / "t.csv").write_text(content)
    out = tmp_path / "out"
    assert words in refused(
        "train", "forecast", tmp_path / "t.csv", "-o", out, *COLUMNS, "--horizon=3", *SMALL
    )
    assert contents(out) is None


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--target=z", "--time=달 1"], "has no column 'z'; it has '달 1', 'y'"),
        (["--target=y", "--time=day"], "has no column 'day'; it has '달 1', 'y'"),
        (["--time=달 1"], "--target is needed: {table} has '달 1', 'y'"),
        ([*COLUMNS, "--series=s"], "has no column 's'; it has"),
        ([*COLUMNS, "--covariates=s"], "has no column 's'; it has"),
        ([*COLUMNS, "--past-covariates=s"], "has no column 's'; it has"),
        (["--target=y", "--time=y"], "column 'y' is named as target and as time; name it once"),
        ([*COLUMNS, "--horizon=0"], "--horizon is 0: it must be from 1 to"),
        ([*COLUMNS, "--horizon=x"], "'x' is not a whole number"),
        ([*COLUMNS, "--horizon=30"], "a horizon of 30 needs series of 60 values or more"),
        ([*COLUMNS, "--context=0"], "--context is 0"),
        ([*COLUMNS, "--context=100"], "--context is 100"),
        ([*COLUMNS, "--season=0"], "--season is 0"),
        ([*COLUMNS, "--season=100"], "--season is 100"),
        (
            [*COLUMNS, "--distribution=normal"],
            "--distribution is 'normal': it must be one of quantiles, student-t",
        ),
        ([*COLUMNS, "--valid=1"], "--valid is 1.0"),
        ([*COLUMNS, "--valid=none.csv"], "none.csv: no such file"),
        ([*COLUMNS, "--valid={table}"], "has no values after 2021-12"),
    ],
    ids=lambda value: None if isinstance(value, str) else "_".join(value[-2:]),
)
@pytest.mark.filterwarnings("ignore:series of")
def test_options(refused, contents, table, tmp_path, options, words):
    given = [option.format(table=table) for option in options]
    out = tmp_path / "out"
    line = refused("train", "forecast", table, "-o", out, "--horizon=3", *SMALL, *given)
    assert words.format(table=table) in line
    assert contents(out) is None


def test_the_output_is_looked_at_before_the_table(refused, contents, tmp_path):
    (tmp_path / "thesis.txt").write_bytes(b"mine")
    assert "is not empty" in refused("train", "forecast", "none.csv", "-o", tmp_path, *COLUMNS, "--horizon=3")
    assert contents(tmp_path) == {"thesis.txt": b"mine"}


def test_the_horizon_is_not_guessed(refused, table, tmp_path):
    assert "Missing option '--horizon'" in refused("train", "forecast", table, "-o", tmp_path / "m", *COLUMNS)


class TestPredict:
    @pytest.fixture
    def series(self, tables):
        return tables / "판매.csv"

    @pytest.mark.parametrize(
        ("options", "words"),
        [
            (["--plot=x.pdf"], "--plot is 'x.pdf': name a file that ends in .png or .svg"),
            (["--plot={tmp}/no/x.png"], "/no/x.png: No such file or directory"),
            (["--levels=some"], "--levels is 'some': write numbers such as 0.05,0.5,0.95"),
            (["--levels=0.5,1"], "--levels are (0.5, 1.0): they must be rising numbers between 0 and 1"),
            (["--levels=nan"], "--levels are (nan,)"),
            (["--top=3"], "is a model for forecast, which takes no --top"),
            (["second.csv"], "INPUT names 2 files"),
        ],
        ids=str,
    )
    def test_options(self, refused, forecaster, series, tmp_path, options, words):
        assert words in refused("predict", forecaster, series, *(o.format(tmp=tmp_path) for o in options))

    def test_options_are_for_forecasters(self, refused, names):
        assert "is a model for classify, which takes no --levels" in refused(
            "predict", names, "김치", "--levels=0.5"
        )

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            ("날,sold\n2024-05-01,3\n", "has no column '가게'; it has '날', 'sold'"),
            ("날,가게,offer,sold\n2024-05,새 곳,0,3\n2024-06,새 곳,0,3\n", "the steps are 1 day"),
            ("날,가게,offer,sold\n1,새 곳,0,3\n2,새 곳,0,3\n", "cannot be counted in steps of 1 day"),
        ],
        ids=["column", "frequency", "numbers"],
    )
    def test_table(self, refused, forecaster, tmp_path, content, words):
        (tmp_path / "t.csv").write_text(content)
        assert words in refused("predict", forecaster, tmp_path / "t.csv")

    def test_covariates_that_are_not_known_ahead(self, refused, forecaster, series, tmp_path):
        lines = [line for line in series.read_text().splitlines() if not line.endswith(",")]
        (tmp_path / "t.csv").write_text("\n".join(lines) + "\n")
        words = "known covariates must go on for the 3 steps that are forecast"
        assert words in refused("predict", forecaster, tmp_path / "t.csv")

    def test_covariates_that_are_blank_ahead(self, refused, forecaster, series, tmp_path):
        lines = [re.sub(r",\d,$", ",,", line) for line in series.read_text().splitlines()]
        (tmp_path / "t.csv").write_text("\n".join(lines) + "\n")
        words = "and go on in '강남점' for 0; 'Main $1' for 0; give them, in rows without a target"
        assert words in refused("predict", forecaster, tmp_path / "t.csv")

    def test_stdin(self, refused, forecaster):
        assert "a forecaster reads a table with the history, not stdin" in refused("predict", forecaster, "-")

    def test_no_such_file(self, refused, forecaster):
        assert "없다.csv: no such file" in refused("predict", forecaster, "없다.csv")

    def test_without_the_library_a_plot_says_what_to_install(self, refused, forecaster, series, monkeypatch):
        monkeypatch.setitem(sys.modules, "matplotlib", None)
        line = refused("predict", forecaster, series, "--plot=x.png")
        assert line == "error: a plot needs matplotlib: pip install '.[plot]' in Ostinato's folder"


class TestEvaluate:
    @pytest.mark.parametrize(
        ("options", "words"),
        [
            (["--last=0"], "--last is 0"),
            (["--stride=0"], "--stride is 0"),
            (["--last=1"], "there is nothing to score: no 3 values come after"),
            (["second.csv"], "DATA names 2 files"),
        ],
        ids=str,
    )
    def test_options(self, refused, forecaster, tables, options, words):
        assert words in refused("evaluate", forecaster, tables / "판매.csv", *options)

    def test_options_are_for_forecasters(self, refused, names, tables):
        words = "is a model for classify, which takes no --last: leave it out"
        assert words in refused("evaluate", names, tables / "이름.csv", "--last=3")
