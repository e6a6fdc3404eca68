"""A language model of a novel."""

from typing import Any

from _quality import DATA, folder, mean, ostinato, seconds, table

TITLE = "Language model: *Northanger Abbey*, characters, the last tenth held out"


def section(seeds: list[int]) -> str:
    """Three cells beside a 5-gram."""
    runs = {cell: [_train(cell, seed) for seed in seeds] for cell in ("gru", "lstm", "rnn")}
    baseline = runs["gru"][0]["baseline"]
    return (
        "`ostinato train lm examples/data/northanger_abbey.txt -o DIR --cell CELL --seed SEED`\n\n"
        + table(
            ["", "bits per character", "accuracy", "below the baseline by", "training"],
            [
                baseline["name"],
                f"{baseline['bits_per_character']:.3f}",
                f"{baseline['accuracy']:.1%}",
                "",
                "",
            ],
            *(_row(cell, those) for cell, those in runs.items()),
        )
    )


def _train(cell: str, seed: int) -> Any:
    novel = DATA / "northanger_abbey.txt"
    with folder() as place:
        return ostinato("train", "lm", novel, "-o", place / "model", "--cell", cell, "--seed", seed)


def _row(cell: str, runs: list[Any]) -> list[str]:
    bits = [run["valid"]["bits_per_character"] for run in runs]
    gains = [run["baseline"]["bits_per_character"] - value for run, value in zip(runs, bits, strict=True)]
    accuracy = [run["valid"]["accuracy"] for run in runs]
    return [
        cell,
        mean(bits),
        f"{sum(accuracy) / len(runs):.1%}",
        f"{sum(gains) / len(runs):.3f}",
        seconds(runs),
    ]
