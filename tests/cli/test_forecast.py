"""Series: a forecaster trained, measured and asked from the command line."""

import json

import pytest

from ostinato import Forecaster
from ostinato.cli._forecast_report import print_backtest

from .conftest import sales_of

SMALL = ["--hidden=8", "--epochs=1", "--threads=1"]
COLUMNS = ["--time=날", "--series=가게", "--target=sold", "--covariates=offer"]
OPTIONS = {
    "--context": ("context", 9),
    "--season": ("season", 7),
    "--distribution": ("output", "student-t"),
    "--cell": ("cell", "lstm"),
    "--hidden": ("hidden_size", 6),
    "--layers": ("num_layers", 2),
    "--dropout": ("dropout", 0.5),
    "--epochs": ("epochs", 8),
    "--batch": ("batch_size", 9),
    "--lr": ("learning_rate", 0.5),
    "--weight-decay": ("weight_decay", 0.25),
    "--clip": ("clip_norm", 2.0),
    "--patience": ("patience", 11),
    "--seed": ("seed", 12),
    "--threads": ("threads", 13),
    "--device": ("device", "cuda"),
}


@pytest.fixture
def table(tables):
    return tables / "판매.csv"


@pytest.fixture
def fitted(monkeypatch, ostinato, tmp_path):
    """Runs a command whose forecaster does not learn, and gives its parameters and the arguments of fit."""

    def call(table, *arguments):
        seen = {}

        def fit(self, X, **options):
            seen.update(parameters=self.get_params(), options=options, X=X)
            raise KeyboardInterrupt

        monkeypatch.setattr(Forecaster, "fit", fit)
        assert ostinato("train", "forecast", table, "-o", tmp_path / "m", *arguments).code == 130
        return seen

    return call


class TestTrain:
    def test_without_options_the_defaults_are_used(self, fitted, table):
        seen = fitted(table, "--target=sold", "--horizon=5", "--series=가게")
        assert seen["parameters"] == {**Forecaster().get_params(), "horizon": 5}
        assert seen["options"]["validation"] == 0.1

    def test_every_option_reaches_its_parameter(self, fitted, table):
        given = [part for name, (_, value) in OPTIONS.items() for part in (name, value)]
        seen = fitted(table, *COLUMNS, "--horizon=5", *given)
        expected = {"horizon": 5, **dict(OPTIONS.values())}
        assert seen["parameters"] == {**Forecaster().get_params(), **expected}

    def test_columns_are_read_as_they_are_named(self, fitted, table):
        panel = fitted(table, *COLUMNS, "--horizon=5")["X"]
        assert (panel.names, panel.known_names, panel.past_names) == (("강남점", "Main $1"), ("offer",), ())
        assert (panel.lengths.tolist(), panel.ahead.tolist()) == ([26, 26], [4, 4])

    def test_a_covariate_may_be_of_the_past_only(self, fitted, table):
        columns = ["--time=날", "--series=가게", "--target=sold", "--past-covariates=offer"]
        panel = fitted(table, *columns, "--horizon=2")["X"]
        assert (panel.known_names, panel.past_names) == ((), ("offer",))

    def test_the_summary_has_all_naive_forecasts_and_fits_80_columns(self, ostinato, table, tmp_path):
        directory = tmp_path / "a b"
        code, out, _ = ostinato(
            "train", "forecast", table, "-o", directory, *COLUMNS, "--horizon=3", "--season=7", *SMALL
        )
        lines = out.splitlines()
        assert code == 0
        assert lines[0].split() == ["loss", "MASE", "RMSSE", "pinball", "loss", "coverage"]
        rows = [line[:19].strip() for line in lines[1:7]]
        assert sorted(rows[:3]) == ["drift", "last value", "seasonal naive"]
        assert rows[3:] == ["linear models alone", "model, held out", "model, training"]
        assert max(map(len, lines[:-1])) <= 80
        assert (
            lines[-1]
            == f"Saved in {directory}. Next: ostinato predict '{directory}' '{table}' --plot forecast.png"
        )

    def test_json_is_one_object_of_metrics(self, ostinato, table, tmp_path):
        arguments = [table, "-o", tmp_path / "m", *COLUMNS, "--horizon=3", *SMALL, "--json"]
        ran = ostinato("train", "forecast", *arguments)
        saved = json.loads((tmp_path / "m" / "metrics.json").read_text())
        assert ran.json == {"directory": str(tmp_path / "m"), **saved}
        assert {"mase", "rmsse", "pinball", "coverage", "loss"} == saved["valid"].keys()

    def test_held_out_may_be_a_table_in_which_the_series_go_on(self, fitted, table, tmp_path):
        (tmp_path / "later.csv").write_text(sales_of(30))
        seen = fitted(table, *COLUMNS, "--horizon=3", "--valid", tmp_path / "later.csv")
        later = seen["options"]["validation"]
        assert (later.names, later.lengths.tolist()) == (("강남점", "Main $1"), [30, 30])

    def test_missing_dates_are_told(self, fitted, tmp_path):
        lines = sales_of(20).splitlines(keepends=True)
        (tmp_path / "gaps.csv").write_text("".join(lines[:8] + lines[10:30] + lines[31:]))
        told = r"gaps\.csv: missing times: 3 in 2 series, the first 2024-03-08 \(강남점\); their values count"
        with pytest.warns(UserWarning, match=told):
            fitted(tmp_path / "gaps.csv", *COLUMNS, "--horizon=3")

    def test_missing_dates_are_told_by_predict_too(self, ostinato, forecaster, table, tmp_path):
        lines = table.read_text().splitlines(keepends=True)
        (tmp_path / "gaps.csv").write_text("".join(lines[:8] + lines[9:]))
        with pytest.warns(UserWarning, match="missing times: 1 in 1 series, the first 2024-03-08"):
            assert ostinato("predict", forecaster, tmp_path / "gaps.csv").code == 0


class TestPredict:
    def test_a_line_for_each_series_and_date(self, ostinato, forecaster, table):
        code, out, err = ostinato("predict", forecaster, table)
        heading, *lines = out.splitlines()
        assert (code, err) == (0, "")
        assert heading.split() == ["0.05", "0.25", "0.5", "0.75", "0.95"]
        assert [line[:19].split("  ")[0] for line in lines] == ["강남점"] * 3 + ["Main $1"] * 3
        assert [line.split("2024-03-")[1][:2] for line in lines] == ["27", "28", "29"] * 2
        assert all(
            list(map(float, line.split()[-5:])) == sorted(map(float, line.split()[-5:])) for line in lines
        )

    def test_as_json(self, ostinato, forecaster, table):
        answers = ostinato("predict", forecaster, table, "--levels=0.9,0.1", "--json").json["predictions"]
        assert [answer["series"] for answer in answers] == ["강남점"] * 3 + ["Main $1"] * 3
        assert answers[0]["time"] == "2024-03-27"
        assert list(answers[0]["quantiles"]) == ["0.1", "0.9"]
        assert answers[0]["quantiles"]["0.1"] <= answers[0]["quantiles"]["0.9"]

    def test_numbered_steps_of_a_lone_series(self, ostinato, tmp_path):
        (tmp_path / "t.csv").write_text("y\n" + "".join(f"{k % 4}\n" for k in range(40)))
        ostinato(
            "train", "forecast", tmp_path / "t.csv", "-o", tmp_path / "m", "--target=y", "--horizon=2", *SMALL
        )
        answers = ostinato("predict", tmp_path / "m", tmp_path / "t.csv", "--json").json["predictions"]
        assert [(answer["series"], answer["time"]) for answer in answers] == [(None, 41), (None, 42)]
        assert ostinato("predict", tmp_path / "m", tmp_path / "t.csv").out.splitlines()[1].startswith("41  ")

    @pytest.mark.parametrize("name", ["그림.png", "a b.svg"])
    def test_a_plot_is_drawn_beside_the_lines(self, ostinato, forecaster, table, tmp_path, name):
        with_plot = ostinato("predict", forecaster, table, "--plot", tmp_path / name)
        assert with_plot == ostinato("predict", forecaster, table)
        assert (tmp_path / name).stat().st_size > 1000


class TestEvaluate:
    def test_own_table_is_scored_on_its_held_out_part_only(self, ostinato, forecaster, table):
        metrics = json.loads((forecaster / "metrics.json").read_text())
        figures = ostinato("evaluate", forecaster, table, "--json").json
        assert figures["data"] == "the end that was held out"
        assert figures["sequences"] == metrics["valid_sequences"]
        assert figures["model"] == pytest.approx(metrics["valid"], rel=1e-5)

    def test_what_goes_on_after_training_is_scored_as_far_as_is_asked(self, ostinato, forecaster, tmp_path):
        (tmp_path / "later.csv").write_text(sales_of(31))
        every, some, last = (
            ostinato("evaluate", forecaster, tmp_path / "later.csv", "--json", *options).json
            for options in ([], ["--stride=2"], ["--last=4"])
        )
        assert every["data"] == "what comes after training"
        assert [figures["sequences"] for figures in (every, some, last)] == [6, 4, 4]

    def test_what_people_see(self, ostinato, forecaster, table):
        code, out, _ = ostinato("evaluate", forecaster, table)
        lines = out.splitlines()
        assert code == 0
        assert lines[0].startswith("Scored: the end that was held out (forecasts: ")
        assert lines[-3].split()[0] == "model"
        assert "naive forecast" in lines[-1]

    @pytest.mark.parametrize(
        ("skill", "words"),
        [
            (0.25, "The best naive forecast is 'drift'; the model's MASE is 25.0% lower.\n"),
            (-0.031, "The naive forecast 'drift' wins: the model's MASE is 3.1% higher. Use that one,"),
            (
                None,
                "The series repeat themselves exactly, and need no model: use the naive forecast\n'drift'.",
            ),
        ],
    )
    def test_the_verdict_is_plain(self, capsys, skill, words):
        figures = {
            "data": "all",
            "sequences": 2,
            "baselines": {},
            "linear": {"mase": 2},
            "model": {"mase": 1},
        }
        print_backtest(figures | {"baseline_name": "drift"} | ({} if skill is None else {"skill": skill}))
        assert words in capsys.readouterr().out
