"""Korean without its spaces, and a tagger that puts them back."""

from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from typing import Any

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import precision_recall_fscore_support
from sklearn.pipeline import Pipeline, make_pipeline

from _korean_lines import Line, corpus, other_messages, without_spaces, write_lines
from _quality import folder, mean, ostinato, seconds, table

TITLE = "Tagger: putting the spaces back into Korean"
REACH = 2  # characters on either side that the better peer sees
FIGURES = ("precision", "recall", "f1")
TESTS = {"held_out": "lines held out", "other": "other messages"}
CONTENDERS = {
    "alone": "the character alone, logistic regression",
    "neighbours": f"with {REACH} on either side and their pairs, logistic regression",
    "gru": "gru",
}
ABOUT = """\
The spaces of {lines:,} lines (the Korean side of `examples/data/pairs/koen_train.tsv`, and
`constitution_ko.txt`; no line twice) are taken out, and the tagger says after each character whether there
was one. A tenth of the lines, drawn by the seed, takes no part in training: *lines held out*. *Other
messages* are the {others} of `koen_valid.tsv` that are not among these lines. The figures are those of the
label *space*.

`ostinato train tag train.jsonl --input characters --target space -o DIR --seed SEED`, then
`evaluate DIR TEST.jsonl`; the tables are made by `bench/_korean_lines.py`.

"""


def section(seeds: list[int]) -> str:
    """The tagger beside logistic regressions of a character, and of it and its neighbours."""
    lines, others = ([without_spaces(line) for line in part()] for part in (corpus, other_messages))
    runs = [_run(lines, others, seed) for seed in seeds]
    return ABOUT.format(lines=len(lines), others=len(others)) + table(
        ["", "", *FIGURES, "training"],
        *(
            [shown, name, *_means(runs, test, who), seconds(runs) if who == "gru" else ""]
            for test, shown in TESTS.items()
            for who, name in CONTENDERS.items()
        ),
    )


def _means(runs: Sequence[Any], test: str, who: str) -> list[str]:
    return [mean([run[who][test][figure] for run in runs]) for figure in FIGURES]


def _run(lines: list[Line], others: list[Line], seed: int) -> dict[str, Any]:
    shuffled = np.random.default_rng(seed).permutation(len(lines)).tolist()
    held_out, train = ([lines[row] for row in rows] for rows in np.split(shuffled, [len(lines) // 10]))
    tests = {"held_out": held_out, "other": others}
    return {
        "alone": _peer(train, tests, 0),
        "neighbours": _peer(train, tests, REACH),
        **_tagger(train, tests, seed),
    }


def _tagger(train: list[Line], tests: dict[str, list[Line]], seed: int) -> dict[str, Any]:
    with folder() as place:
        for name, part in {"train": train, **tests}.items():
            write_lines(place / f"{name}.jsonl", part)
        model, columns = place / "model", ["--input", "characters", "--target", "space"]
        trained = ostinato("train", "tag", place / "train.jsonl", "-o", model, *columns, "--seed", seed)
        evaluated = {name: ostinato("evaluate", model, place / f"{name}.jsonl") for name in tests}
    of_spaces = {
        name: next(label for label in figures["classes"] if label["class"] == "space")
        for name, figures in evaluated.items()
    }
    return {"gru": of_spaces, "seconds": trained["seconds"]}


def _peer(train: list[Line], tests: dict[str, list[Line]], reach: int) -> dict[str, dict[str, float]]:
    """Figures of a logistic regression that sees so many characters on either side."""
    model = make_pipeline(DictVectorizer(), LogisticRegression(C=3, max_iter=300))
    model.fit(list(_features(train, reach)), _labels(train))
    return {name: _figures(model, part, reach) for name, part in tests.items()}


def _figures(model: Pipeline, lines: list[Line], reach: int) -> dict[str, float]:
    answers = model.predict(list(_features(lines, reach)))
    scores = precision_recall_fscore_support(
        _labels(lines), answers, pos_label="space", average="binary", zero_division=0.0
    )
    return dict(zip(FIGURES, map(float, scores[:3]), strict=True))


def _features(lines: list[Line], reach: int) -> Iterator[dict[str, str]]:
    """Around each character: single characters and pairs of neighbours, by their place."""
    for line in lines:
        padded = [*[""] * reach, *line.characters, *[""] * reach]
        for place in range(len(line.characters)):
            around = padded[place : place + 2 * reach + 1]
            singles = {str(offset): character for offset, character in enumerate(around)}
            pairs = {f"{offset}+": one + other for offset, (one, other) in enumerate(pairwise(around))}
            yield {**singles, **pairs}


def _labels(lines: list[Line]) -> list[str]:
    return list(chain.from_iterable(line.space for line in lines))
