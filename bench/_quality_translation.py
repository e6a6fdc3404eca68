"""Messages of programs from Korean to English, beside the most similar message that is known."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from _quality import DATA, folder, mean, ostinato, seconds, table, write_table
from ostinato.data import read_table

TITLE = "Translator: messages of programs, from Korean to English"
TRAIN, TEST = (DATA / "pairs" / f"koen_{part}.tsv" for part in ("train", "valid"))
COLUMNS = ["--source", "ko", "--target", "en"]
BY_HEART = 200  # pairs
ABOUT = """\
`ostinato train translate examples/data/pairs/koen_train.tsv --source ko --target en -o DIR --seed SEED`, then
`evaluate DIR examples/data/pairs/koen_valid.tsv`: {pairs} pairs that took no part in training. *Retrieval*
gives the training target of the most similar source.

"""
HEART = """
Learned by heart: {count} of the training pairs, drawn by the seed, `--valid 0`, BLEU on these very pairs:
{bleu} ({seconds} of training).
"""


def section(seeds: list[int]) -> str:
    """With and without attention beside retrieval; and how well few pairs are learned by heart."""
    runs, without = ([_run(seed, *options) for seed in seeds] for options in ([], ["--no-attention"]))
    memories = [_by_heart(seed) for seed in seeds]
    about = ABOUT.format(pairs=runs[0]["sequences"])
    heart = HEART.format(
        count=BY_HEART,
        bleu=mean([run["train"]["bleu"] for run in memories], ".1f"),
        seconds=seconds(memories),
    )
    figures = table(
        ["", "BLEU", "chrF", "training"],
        ["retrieval", *_means(runs, "baseline"), ""],
        ["gru, `--no-attention`", *_means(without, "model"), seconds(without)],
        ["gru", *_means(runs, "model"), seconds(runs)],
    )
    return f"{about}{figures}{heart}"


def _means(runs: Sequence[Any], whose: str) -> list[str]:
    return [mean([run[whose][figure] for run in runs], ".1f") for figure in ("bleu", "chrf")]


def _run(seed: int, *options: str) -> dict[str, Any]:
    with folder() as place:
        model = place / "model"
        trained = ostinato("train", "translate", TRAIN, "-o", model, *COLUMNS, "--seed", seed, *options)
        return {**ostinato("evaluate", model, TEST), "seconds": trained["seconds"]}


def _by_heart(seed: int) -> Any:
    pairs = read_table(TRAIN)
    rows = np.random.default_rng(seed).choice(len(pairs), BY_HEART, replace=False).tolist()
    with folder() as place:
        some = [{name: pairs.column(name)[row] for name in ("ko", "en")} for row in rows]
        few = write_table(place / "few.jsonl", some)
        options = [*COLUMNS, "--valid", "0", "--seed", seed]
        return ostinato("train", "translate", few, "-o", place / "model", *options)
