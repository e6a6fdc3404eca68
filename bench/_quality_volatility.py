"""How restless a share will be, from its last returns: a number for a sequence."""

import csv
from datetime import date
from itertools import groupby
from typing import Any

import numpy as np

from _quality import DATA, folder, mean, ostinato, seconds, table, write_table

TITLE = "Regressor: how restless a share will be, the last three years held out"
PAST, AHEAD, APART = (
    60,
    20,
    5,
)  # trading days: of returns that are read, that are foretold, between two examples
SINCE = date(2010, 3, 1)  # the test begins
FIGURES = {"r2": "R²", "rmse": "RMS error", "mae": "mean abs. error"}
ABOUT = f"""\
The shares of `examples/data/series/stocks.csv`. Input: the last {PAST} daily returns, in per cent; target:
the logarithm of the standard deviation of the next {AHEAD}; one example in every {APART} trading days.
Training: all whose target ends before {SINCE:%B %Y}; test: all whose input begins after that.

Examples overlap, and shares of one time are restless together. So a tenth held out at random is no stranger:
on it the network explains more than the line (R² 0.67 against 0.48, seed 0), and goes on learning its years
by heart. The years of the test are calmer (mean target 0.38, in training 0.67).

`ostinato train regress TRAIN.jsonl --input returns --target volatility -o DIR --seed SEED`, then
`evaluate DIR TEST.jsonl`

"""


def section(seeds: list[int]) -> str:
    """Ours beside a linear model that does not see the order."""
    runs = [_run(seed) for seed in seeds]
    rows = {"without the order": "baseline", "gru": "model"}
    return ABOUT + table(
        ["", *FIGURES.values(), "training"],
        *(
            [
                name,
                *(mean([run[who][f] for run in runs]) for f in FIGURES),
                seconds(runs) if who == "model" else "",
            ]
            for name, who in rows.items()
        ),
    )


def _run(seed: int) -> dict[str, Any]:
    train, test = _examples()
    with folder() as place:
        files = [
            write_table(place / f"{name}.jsonl", part) for name, part in (("train", train), ("test", test))
        ]
        columns = ["--input", "returns", "--target", "volatility"]
        trained = ostinato("train", "regress", files[0], "-o", place / "model", *columns, "--seed", seed)
        return {"seconds": trained["seconds"], **ostinato("evaluate", place / "model", files[1])}


def _examples() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Those to learn from, and those to be judged by."""
    train: list[dict[str, Any]] = []
    test: list[dict[str, Any]] = []
    with (DATA / "series" / "stocks.csv").open(encoding="utf-8") as file:
        for _, rows in groupby(csv.DictReader(file), key=lambda row: row["symbol"]):
            days = [(date.fromisoformat(row["date"]), float(row["adj_close"])) for row in rows]
            returns = 100 * np.diff(np.log([price for _, price in days]))
            for begin in range(0, len(returns) - PAST - AHEAD + 1, APART):
                middle, end = begin + PAST, begin + PAST + AHEAD
                volatility = float(np.log(returns[middle:end].std()))
                example = {"returns": returns[begin:middle].round(4).tolist(), "volatility": volatility}
                if days[end][0] < SINCE:
                    train.append(example)
                elif days[begin][0] >= SINCE:
                    test.append(example)
    return train, test
