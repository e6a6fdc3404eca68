"""A published model of how words are said says what its own code says."""

import importlib.metadata

import pytest


@pytest.fixture(scope="module")
def g2p(example):
    return example("g2p")


@pytest.fixture(scope="module")
def speller(g2p):
    return g2p.Speller(g2p.published_weights())


@pytest.fixture(scope="module")
def original(g2p):
    return g2p.original()


def test_a_thousand_words(g2p, speller, original):
    words = g2p.dictionary(1000)
    expected = [original(word) for word in words]
    assert len(set(map(tuple, expected))) > 950
    assert [speller.say(word) for word in words] == expected
    assert speller.say_all(words) == expected


@pytest.mark.parametrize("word", ["", "a", "naïve", "z" * 40], ids=["empty", "one", "unknown", "endless"])
def test_odd_words(speller, original, word):
    assert speller.say(word) == speller.say_all([word])[0] == original(word)


def test_without_the_package(g2p, monkeypatch):
    def missing(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(g2p, "distribution", missing)
    with pytest.raises(SystemExit, match="pip install --no-deps g2p-en"):
        g2p.published_weights()
