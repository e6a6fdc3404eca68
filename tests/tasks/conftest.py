"""A tiny language model, fitted and saved once."""

from pathlib import Path

import pytest

from ostinato import LanguageModel

NOVEL = Path(__file__).parents[2] / "examples" / "data" / "northanger_abbey.txt"


@pytest.fixture(scope="session")
def text():
    return NOVEL.read_text()[1000:2500]


@pytest.fixture(scope="session")
def tiny():
    """Makes an unfitted model of the smallest kind."""

    def make(**parameters):
        small = {
            "embedding_size": 3,
            "hidden_size": 4,
            "epochs": 1,
            "window": 16,
            "batch_size": 4,
            "threads": 1,
        }
        return LanguageModel(**{**small, **parameters})

    return make


@pytest.fixture(scope="session")
def fitted(tiny, text):
    """A fitted model; not to be changed."""
    return tiny().fit(text)


@pytest.fixture(scope="session")
def saved(fitted, tmp_path_factory):
    """Its directory; not to be changed."""
    directory = tmp_path_factory.mktemp("saved") / "model"
    fitted.save(directory)
    return directory
