"""Forecasts of a series with a season, of prices that have none, and of a series that is known exactly."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from _quality import DATA, folder, mean, ostinato, seconds, table
from _two_seasons import DAY, WEEK, TwoSeasons
from ostinato.tasks._forecast_figures import LEVELS, pinball

TITLE = "Forecaster: passengers, share prices, and a series made of two seasons"
MONTHS = 24  # of passengers that are held out
YEAR = "2012-03-01"  # the last year of prices begins
DAYS = 5  # that prices are forecast ahead
HOURS, LAST = 12 * WEEK, 2 * WEEK  # of the made series, and of these held out
FIGURES = {"mase": "MASE", "rmsse": "RMSSE", "pinball": "pinball loss", "coverage": "coverage"}
ABOUT = f"""\
The end of each series is held out: `ostinato train forecast BEGINNING.csv -o DIR --seed SEED`, with the
options below, then `ostinato evaluate DIR WHOLE.csv`. Coverage is of the 90 % interval.

### Airline passengers, the last {MONTHS} months

`examples/data/series/airline.csv`, `--time Date --target Passengers --horizon {MONTHS}`

"""
PRICES = f"""
### Share prices, the last year

`examples/data/series/stocks.csv`, the three shares that were traded before it, `--time date
--target adj_close --series symbol --horizon {DAYS}`; from each day {DAYS} trading days ahead. Skill is
1 − MASE ÷ that of the last value: nobody needs a network whose skill is not above 0.

"""
SEASONS = f"""
### A daily and a weekly season, a trend, and noise

{HOURS:,} hours, drawn by the seed (`bench/_two_seasons.py`), the last {LAST} held out,
`--time hour --target value --horizon {DAY}`, `evaluate --stride {DAY}`. *The generator* forecasts the very
distribution that the values were drawn from: nothing can be better, but by chance.

"""


def section(seeds: list[int]) -> str:
    """A table for each."""
    return ABOUT + _airline(seeds) + PRICES + _prices(seeds) + SEASONS + _seasons(seeds)


def _airline(seeds: list[int]) -> str:
    lines = _lines("airline.csv")
    options = ["--time", "Date", "--target", "Passengers", "--horizon", MONTHS]
    return _table([_run(lines[:-MONTHS], lines, options, seed) for seed in seeds])


def _prices(seeds: list[int]) -> str:
    header, *rows = (line for line in _lines("stocks.csv") if not line.startswith("FB,"))
    before = [row for row in rows if row.split(",")[1] < YEAR]
    options = ["--time", "date", "--target", "adj_close", "--series", "symbol", "--horizon", DAYS]
    runs = [_run([header, *before], [header, *rows], options, seed) for seed in seeds]
    skills = [1 - run["model"]["mase"] / run["baselines"]["last value"]["mase"] for run in runs]
    return f"{_table(runs)}\nSkill against the last value: {mean(skills)}.\n"


def _seasons(seeds: list[int]) -> str:
    made = [TwoSeasons.made(HOURS, np.random.default_rng(seed)) for seed in seeds]
    options = ["--time", "hour", "--target", "value", "--horizon", DAY]
    runs = []
    for series, seed in zip(made, seeds, strict=True):
        rows = [f"{hour},{value:.4f}" for hour, value in zip(series.hours, series.values, strict=True)]
        lines = ["hour,value", *rows]
        runs.append(_run(lines[:-LAST], lines, options, seed, "--stride", DAY))
    own = [_own_pinball(series) for series in made]
    beyond = [run["model"]["pinball"] / best - 1 for run, best in zip(runs, own, strict=True)]
    generator = ["*the generator*", "", "", mean(own), "", ""]
    return f"{_table(runs, generator)}\nPinball loss above the generator's: {mean(beyond, '.1%')}.\n"


def _own_pinball(series: TwoSeasons) -> float:
    """The pinball loss, where others are measured, of the distribution that the series was drawn from."""
    return float(pinball(series.values, series.quantiles(LEVELS), LEVELS)[-LAST:].mean())


def _lines(name: str) -> list[str]:
    return (DATA / "series" / name).read_text(encoding="utf-8").splitlines()


def _run(
    beginning: Sequence[str], whole: Sequence[str], options: Sequence[object], seed: int, *how: object
) -> dict[str, Any]:
    """Learn from the beginning, and be measured on the rest."""
    with folder() as place:
        for name, lines in (("beginning.csv", beginning), ("whole.csv", whole)):
            (place / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
        model = place / "model"
        trained = ostinato(
            "train", "forecast", place / "beginning.csv", "-o", model, *options, "--seed", seed
        )
        return {**ostinato("evaluate", model, place / "whole.csv", *how), "seconds": trained["seconds"]}


def _table(runs: Sequence[dict[str, Any]], *more: list[str]) -> str:
    """The naive forecasts, and below them the linear models without and with the network."""
    naive = ([name, *_figures([run["baselines"][name] for run in runs]), ""] for name in runs[0]["baselines"])
    linear = ["linear models alone", *_figures([run["linear"] for run in runs]), ""]
    network = ["and gru", *_figures([run["model"] for run in runs]), seconds(runs)]
    return table(["", *FIGURES.values(), "training"], *naive, linear, network, *more)


def _figures(runs: Sequence[dict[str, float]]) -> list[str]:
    return [mean([run[figure] for run in runs]) for figure in FIGURES]
