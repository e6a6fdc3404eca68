"""Spoken digits and letters, in conditions that training had not."""

from dataclasses import replace
from typing import Any

import numpy as np

from _augmented_speech import BETWEEN, BEYOND, SEEN, Ranges, write_copies
from _quality import folder, mean, ostinato, seconds, table

TITLE = "Classifier: spoken digits and letters, one speaker, conditions unseen"
TRAIN_COPIES, TEST_COPIES = 20, 5
SHOWN = {
    "speed": "speed",
    "gain": "gain, dB",
    "delay": "delay in noise, s",
    "snr": "snr, dB",
    "colour": "colour of the noise",
}
TESTS = {
    "between": BETWEEN,
    **{f"{name} beyond": replace(BETWEEN, **{name: getattr(BEYOND, name)}) for name in SHOWN},
    "all beyond": BEYOND,
}
ABOUT = f"""\
One speaker, 36 words, each recorded once (`examples/data/speech`): every copy of a word, in training and in
test, is made of the same recording. The figures tell how well a word is known again under other conditions;
of other voices, or of the same one saying it once more, they tell nothing.

Training hears {TRAIN_COPIES} copies of each word. A test has {TEST_COPIES} others, under conditions that none
has in training: all between those of training, or one of them beyond, or all five beyond at once. The snr is
that of the word to the noise, whose power falls with frequency as f^−colour.

"""
COMMAND = """
`ostinato train classify TRAIN -o DIR --seed SEED`, then `evaluate DIR TEST`; TRAIN and TEST have a folder of
copies for each word, made by `bench/_augmented_speech.py`.

"""


def section(seeds: list[int]) -> str:
    """Accuracy under conditions between those of training and beyond them, beside a baseline."""
    runs = [_run(seed) for seed in seeds]
    rows = [
        [test, *(mean([run[test][who]["accuracy"] for run in runs]) for who in ("baseline", "model"))]
        for test in TESTS
    ]
    figures = table(["accuracy", "without the order", "gru"], *rows)
    return f"{ABOUT}{_conditions()}{COMMAND}{figures}\nTraining: {seconds(runs)}.\n"


def _run(seed: int) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    with folder() as place:
        copies = write_copies(place / "train", SEEN, TRAIN_COPIES, random)
        trained = ostinato("train", "classify", copies, "-o", place / "model", "--seed", seed)
        figures: dict[str, Any] = {"seconds": trained["seconds"]}
        for test, ranges in TESTS.items():
            copies = write_copies(place / test.replace(" ", "_"), ranges, TEST_COPIES, random)
            figures[test] = ostinato("evaluate", place / "model", copies)
        return figures


def _conditions() -> str:
    ranges = {"training": SEEN, "between": BETWEEN, "beyond": BEYOND}
    return table(["", *SHOWN.values()], *([name, *_bands(of)] for name, of in ranges.items()))


def _bands(ranges: Ranges) -> list[str]:
    return [
        " or ".join(f"{low:g} to {high:g}" for low, high in getattr(ranges, name)).replace("-", "−")
        for name in SHOWN
    ]
