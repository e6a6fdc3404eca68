"""Tiny models of every kind, trained for a step or two and saved: what they say need not be clever."""

import numpy as np

from ostinato import Classifier, LanguageModel

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
