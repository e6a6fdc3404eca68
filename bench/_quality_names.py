"""Surnames: from the name to its language, and from the language to a name."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from _quality import DATA, folder, mean, ostinato, seconds, table
from ostinato.data import Examples, read_table
from ostinato.tasks._held_out import hold_out

TITLE = "Classifier: the language of a surname, a fifth held out"
NAMES = DATA / "surnames.tsv"


def section(seeds: list[int]) -> str:
    """Ours beside a logistic regression on character 1–4-grams, on the same names."""
    runs = [_train(seed) for seed in seeds]
    peers = [_regression(seed) for seed in seeds]
    rows = {
        "counts of characters, logistic regression": [run["baseline"] for run in runs],
        "character 1–4-grams, logistic regression, C tuned": peers,
        "gru": [run["valid"] for run in runs],
    }
    command = "ostinato train classify examples/data/surnames.tsv --input name --target language --valid 0.2"
    return f"`{command} -o DIR --seed SEED`\n\n" + table(
        ["", "macro F1", "accuracy", "training"],
        *(
            [name, _mean(those, "macro_f1"), _mean(those, "accuracy"), seconds(runs) if name == "gru" else ""]
            for name, those in rows.items()
        ),
    )


def _train(seed: int) -> Any:
    with folder() as place:
        columns = ["--input", "name", "--target", "language", "--valid", "0.2"]
        return ostinato("train", "classify", NAMES, "-o", place / "model", *columns, "--seed", seed)


def _regression(seed: int) -> dict[str, float]:
    """The peer at its best: case folded, tf-idf, classes weighted, C chosen by cross-validation."""
    names, languages = (read_table(NAMES).column(column) for column in ("name", "language"))
    split = hold_out(Examples.of(names, languages), 0.2, languages, seed)
    assert split.valid is not None and split.valid.targets is not None and split.train.targets is not None
    model = make_pipeline(
        TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), sublinear_tf=True),
        LogisticRegression(max_iter=2000),
    )
    choices = {
        "logisticregression__C": [0.3, 1, 3, 10, 30],
        "logisticregression__class_weight": [None, "balanced"],
    }
    search = GridSearchCV(model, choices, scoring="f1_macro", cv=3).fit(
        split.train.inputs, split.train.targets
    )
    answers, truth = search.predict(split.valid.inputs), np.asarray(split.valid.targets)
    return {
        "macro_f1": float(f1_score(truth, answers, average="macro")),
        "accuracy": float(accuracy_score(truth, answers)),
    }


def _mean(runs: Sequence[Any], figure: str) -> str:
    return mean([run[figure] for run in runs])
