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
SHARES = {"generator": 0.5, "classifier": 0.4, "test": 0.1}  # of each language's names
ABOUT = """\
The names of `examples/data/surnames.tsv`, drawn by the seed, in three parts: {generator:.0%} of each language
for the generator, {classifier:.0%} for a classifier that judges it, {test:.0%} to measure both. Neither ever
sees the other's names.

`ostinato train generate generator.jsonl --given language --target name -o DIR --seed SEED`, then
`evaluate DIR test.jsonl`. The end of a name counts as a character.

""".format_map(SHARES)
JUDGED = f"""
{SAMPLES} names of each language (`ostinato generate DIR --given LANGUAGE --count {SAMPLES} --seed SEED`) are
given to the classifier (`ostinato train classify classifier.jsonl --input name --target language`). Recall is
how many it takes for names of the language asked for; its recall of real names tells what can be expected.

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
    return (
        ABOUT
        + table(
            ["", "bits per character", "training"],
            [scored[0]["baseline_name"], bits["baseline"], ""],
            ["gru", bits["model"], seconds(runs)],
        )
        + JUDGED
        + table(
            ["", "recall, mean over languages", "names it learned from", "different ones"],
            ["real names held out", _mean(runs, "real"), "", ""],
            ["made up", *(_mean(runs, figure) for figure in ("made_up", "known", "different"))],
        )
    )


def parts(names: list[Name], seed: int) -> dict[str, list[Name]]:
    """The names of each language divided at random by `SHARES`."""
    random = np.random.default_rng(seed)
    divided: dict[str, list[Name]] = {part: [] for part in SHARES}
    for language in sorted({name.language for name in names}):
        own = [name for name in names if name.language == language]
        ends = np.round(np.cumsum(list(SHARES.values())) * len(own)).astype(int)[:-1]
        for part, rows in zip(SHARES, np.split(random.permutation(len(own)), ends), strict=True):
            divided[part] += [own[row] for row in rows]
    return divided


def _run(seed: int) -> dict[str, Any]:
    divided = parts(_names(), seed)
    with folder() as place:
        tables = {part: _table(place / f"{part}.jsonl", names) for part, names in divided.items()}
        writer, judge = place / "generator", place / "classifier"
        columns = ["--given", "language", "--target", "name"]
        trained = ostinato("train", "generate", tables["generator"], "-o", writer, *columns, "--seed", seed)
        columns = ["--input", "name", "--target", "language"]
        ostinato("train", "classify", tables["classifier"], "-o", judge, *columns, "--seed", seed)
        made_up = _samples(writer, sorted({name.language for name in divided["generator"]}), seed)
        known = set(divided["generator"])
        return {
            "scored": ostinato("evaluate", writer, tables["test"]),
            "real": _recall(judge, tables["test"]),
            "made_up": _recall(judge, _table(place / "made_up.jsonl", made_up)),
            "known": len([name for name in made_up if name in known]) / len(made_up),
            "different": len(set(made_up)) / len(made_up),
            "seconds": trained["seconds"],
        }


def _recall(judge: Path, names: Path) -> float:
    """The share of each language's names that a classifier takes for such, averaged over languages."""
    languages = ostinato("evaluate", judge, names)["classes"]
    return statistics.mean(float(language["recall"]) for language in languages)


def _names() -> list[Name]:
    names = read_table(DATA / "surnames.tsv")
    return [Name(*row) for row in zip(names.column("language"), names.column("name"), strict=True)]


def _samples(directory: Path, languages: list[str], seed: int) -> list[Name]:
    made_up: list[Name] = []
    for language in languages:
        options = ["--given", language, "--count", SAMPLES, "--seed", seed]
        made_up += [Name(language, name) for name in ostinato("generate", directory, *options)["samples"]]
    return made_up


def _table(path: Path, names: Iterable[Name]) -> Path:
    return write_table(path, (name._asdict() for name in names))


def _mean(runs: list[Any], figure: str) -> str:
    return mean([run[figure] for run in runs])
