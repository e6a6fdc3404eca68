"""Tiny models of every kind, trained for a step or two and saved: what they say need not be clever."""

import numpy as np

from ostinato import Classifier, Generator, LanguageModel, Regressor, Tagger

TEXT = "the quick brown fox jumps over the lazy dog\n" * 20
TEXTS = ["hello there", "hallo du", "good day", "guten tag", "good bye", "bis bald"]
LANGUAGES = ["en", "de"] * 3
SMALL = {"hidden_size": 5, "epochs": 1, "threads": 1, "embedding_size": 3}
CAUSAL = {**SMALL, "bidirectional": False}


def series(n=6, D=2, seed=0):
    """Numeric sequences of different lengths; the last column has gaps."""
    rng = np.random.default_rng(seed)
    arrays = [rng.normal(size=(int(T), D)).astype(np.float32) for T in rng.integers(3, 9, n)]
    for array in arrays:
        array[1, -1] = np.nan
    return arrays


def language_model(**options):
    return LanguageModel(**{**SMALL, **options}).fit(TEXT)


def text_classifier(**options):
    return Classifier(**{**CAUSAL, **options}).fit(TEXTS, LANGUAGES)


def series_classifier(**options):
    return Classifier(**{**CAUSAL, **options}).fit(series(), LANGUAGES)


def text_tagger(**options):
    """Of characters: vowels or not."""
    options = {**CAUSAL, "window": 7, **options}
    return Tagger(**options).fit(TEXTS, [["v" if c in "aeiou" else "c" for c in text] for text in TEXTS])


def series_tagger(**options):
    rng = np.random.default_rng(0)
    y = [rng.integers(0, 3, len(x)).tolist() for x in series()]
    return Tagger(**{**CAUSAL, **options}).fit(series(), y)


def regressor(columns=1, **options):
    y = np.random.default_rng(0).normal(3.0, 9.0, (6, columns))
    return Regressor(**{**CAUSAL, **options}).fit(series(), y[:, 0] if columns == 1 else y)


def text_generator(**options):
    options = {**SMALL, "condition_size": 4, **options}
    return Generator(**options).fit(LANGUAGES * 3, TEXTS * 3)


def number_generator(columns=1, **options):
    options = {**SMALL, "condition_size": 4, **options}
    y = [x[:, :columns] for x in series(18, D=3)]
    given = np.random.default_rng(0).normal(size=(18, 2))
    return Generator(**options).fit(given, [array[:, 0] for array in y] if columns == 1 else y)
