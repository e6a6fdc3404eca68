"""Spoken digits and letters, in conditions that training had not."""

from typing import Any

import numpy as np

from _augmented_speech import BETWEEN, BEYOND, SEEN, Ranges, write_copies
from _quality import folder, mean, ostinato, seconds, table

TITLE = "Classifier: spoken digits and letters, one speaker, conditions unseen"
COPIES = {"train": (SEEN, 20), "between": (BETWEEN, 10), "beyond": (BEYOND, 10)}
ABOUT = """\
One speaker, 36 words, each recorded once (`examples/data/speech`): every copy of a word, in training and in
test, is made of the same recording. The figures tell how well a word is known again under other conditions;
of other voices, or of the same one saying it again, they tell nothing.

Training hears 20 copies of each word, the tests 10 others each, between the values of training and beyond
them in every respect at once:

"""
COMMAND = """
`ostinato train classify TRAIN -o DIR --seed SEED`, then `evaluate DIR TEST`; TRAIN and TEST have a folder of
copies for each word, made by `bench/_augmented_speech.py`.

"""


def section(seeds: list[int]) -> str:
    """Copies between the conditions of training and beyond them, beside a baseline."""
    runs = [_run(seed) for seed in seeds]
    rows = [
        [place, *(mean([run[place][who]["accuracy"] for run in runs]) for who in ("baseline", "model"))]
        for place in ("between", "beyond")
    ]
    figures = table(
        ["accuracy", "without the order", "gru", "training"], *([*row, seconds(runs)] for row in rows)
    )
    return ABOUT + _conditions() + COMMAND + figures


def _run(seed: int) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    with folder() as place:
        made = {
            name: write_copies(place / name, ranges, count, random)
            for name, (ranges, count) in COPIES.items()
        }
        model = place / "model"
        trained = ostinato("train", "classify", made["train"], "-o", model, "--seed", seed)
        tests = {name: ostinato("evaluate", model, made[name]) for name in ("between", "beyond")}
        return {**tests, "seconds": trained["seconds"]}


def _conditions() -> str:
    return table(
        ["", "speed", "gain, dB", "silence around, s", "signal to noise, dB", "noise ∝ f^−"],
        *([name, *_bands(ranges)] for name, (ranges, _) in COPIES.items()),
    )


def _bands(ranges: Ranges) -> list[str]:
    return [" or ".join(f"{low:g} to {high:g}" for low, high in bands) for bands in vars(ranges).values()]
