"""Surnames made up for a language, judged by a classifier that learned from other names."""

import statistics
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from _quality import DATA, folder, mean, ostinato, seconds, table, write_table
from ostinato.data import read_table

TITLE = "Generator: a surname for a language"
SAMPLES = 100  # of each language
TEMPERATURES = (1.0, 0.8, 0.6)
ABOUT = """\
Half of the names of each language in `examples/data/surnames.tsv`, drawn by the seed, is for the generator,
the other half for a classifier that judges it. Each is measured on the other's half, which it never sees.

`ostinato train generate HALF.jsonl --given language --target name -o DIR --seed SEED`, then
`evaluate DIR OTHER_HALF.jsonl`. The end of a name counts as a character.

"""
JUDGED = f"""
{SAMPLES} names of each language,
`ostinato generate DIR --given LANGUAGE --count {SAMPLES} --temperature F --seed SEED` (1 is the default), are
given to the classifier,
`ostinato train classify OTHER_HALF.jsonl --input name --target language --balanced -o DIR --seed SEED`.
Recall is the share of each language's names that it takes for such, averaged over languages; that of real
names tells what can be expected. *Learned by heart*: the share that the generator had been shown.

"""


class Name(NamedTuple):
    """A row of the table."""

    language: str
    name: str


def section(seeds: list[int]) -> str:
    """Bits per character beside a 4-gram's; and what the classifier makes of samples and of real names."""
    runs = [_run(seed) for seed in seeds]
    scored = [run["scored"] for run in runs]
    bits = {
        who: mean([figures[who]["bits_per_character"] for figures in scored]) for who in ("baseline", "model")
    }
    scores = table(
        ["", "bits per character", "training"],
        [scored[0]["baseline_name"], bits["baseline"], ""],
        ["gru", bits["model"], seconds(runs)],
    )
    judged = table(
        ["", "recall", "learned by heart"],
        ["real names", mean([run["real"] for run in runs]), ""],
        *(
            [
                f"made up, temperature {temperature:g}",
                mean([run[temperature]["recall"] for run in runs]),
                mean([run[temperature]["known"] for run in runs]),
            ]
            for temperature in TEMPERATURES
        ),
    )
    return ABOUT + scores + JUDGED + judged


def halves(names: list[Name], seed: int) -> tuple[list[Name], list[Name]]:
    """The names of each language divided at random; of an odd number, the second half has one more."""
    random = np.random.default_rng(seed)
    one: list[Name] = []
    other: list[Name] = []
    for language in sorted({name.language for name in names}):
        own = [name for name in names if name.language == language]
        shuffled = [own[row] for row in random.permutation(len(own))]
        one += shuffled[: len(own) // 2]
        other += shuffled[len(own) // 2 :]
    return one, other


def _run(seed: int) -> dict[Any, Any]:
    shown, hidden = halves(_names(), seed)
    with folder() as place:
        writer, judge = place / "generator", place / "classifier"
        one, other = _table(place / "one.jsonl", shown), _table(place / "other.jsonl", hidden)
        columns = ["--given", "language", "--target", "name"]
        trained = ostinato("train", "generate", one, "-o", writer, *columns, "--seed", seed)
        columns = ["--input", "name", "--target", "language", "--balanced"]
        ostinato("train", "classify", other, "-o", judge, *columns, "--seed", seed)
        figures: dict[Any, Any] = {
            "scored": ostinato("evaluate", writer, other),
            "real": _recall(judge, one),
            "seconds": trained["seconds"],
        }
        known, languages = set(shown), sorted({name.language for name in shown})
        for temperature in TEMPERATURES:
            made_up = _samples(writer, languages, seed, temperature)
            figures[temperature] = {
                "recall": _recall(judge, _table(place / f"made_up_{temperature}.jsonl", made_up)),
                "known": len([name for name in made_up if name in known]) / len(made_up),
            }
        return figures


def _samples(directory: Path, languages: list[str], seed: int, temperature: float) -> list[Name]:
    made_up: list[Name] = []
    for language in languages:
        options = ["--given", language, "--count", SAMPLES, "--seed", seed, "--temperature", temperature]
        made_up += [Name(language, name) for name in ostinato("generate", directory, *options)["samples"]]
    return made_up


def _recall(judge: Path, names: Path) -> float:
    languages = ostinato("evaluate", judge, names)["classes"]
    return statistics.mean(float(language["recall"]) for language in languages)


def _names() -> list[Name]:
    names = read_table(DATA / "surnames.tsv")
    return [Name(*row) for row in zip(names.column("language"), names.column("name"), strict=True)]


def _table(path: Path, names: Iterable[Name]) -> Path:
    return write_table(path, (name._asdict() for name in names))
