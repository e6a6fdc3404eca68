"""A saved translator without torch: the translations of the one that was saved."""

import numpy as np
import pytest

from ostinato import InputError, Translator, runtime

WORDS = ["ab", "ba", "abc", "cab", "bca", "cc"] * 4
LINES = [f"open {{0}} at {n}" for n in range(24)]
KINDS = {
    "letters": (WORDS, [word[::-1].upper() for word in WORDS], ["cabb", "ba", "acb"], {}),
    "copies": (LINES, [f"bei {n} öffne {{0}}" for n in range(24)], ["open {0} at 77", "at {1} open"], {}),
    "tokens": (WORDS, [list(word) for word in WORDS], ["abab", "c"], {"cell": "lstm", "num_layers": 2}),
    "no attention": (WORDS, WORDS, ["abab", "c"], {"attention": False, "cell": "rnn"}),
    "no memory": (WORDS, WORDS, ["abab", "c"], {"memory": False}),
}
LEARNING = {"hidden_size": 16, "embedding_size": 8, "num_layers": 1, "epochs": 8, "learning_rate": 0.02}


@pytest.fixture(scope="module", params=KINDS)
def both(request, tmp_path_factory):
    """The estimator, the runtime's of its directory, and sentences to translate."""
    X, y, asked, parameters = KINDS[request.param]
    theirs = Translator(**{**LEARNING, "threads": 1, "batch_size": 8, **parameters}).fit(X, y)
    directory = tmp_path_factory.mktemp("translator") / "m"
    theirs.save(directory)
    return theirs, runtime.load(directory), [*asked, *X[:4]]


@pytest.mark.parametrize(
    "options", [{}, {"beam_size": 1}, {"beam_size": 3, "length_penalty": 0.5, "length": 2}]
)
def test_translations_are_the_estimators(both, options):
    theirs, mine, asked = both
    assert mine.translate(asked, **options) == theirs.translate(asked, **options)
    assert mine.predict(asked) == theirs.predict(asked)


def test_how_they_came_about(both):
    theirs, mine, asked = both
    for a, b in zip(*(model.translate(asked, attention=True) for model in (mine, theirs)), strict=True):
        assert (a.output, a.source_tokens, a.target_tokens) == (b.output, b.source_tokens, b.target_tokens)
        assert a.log_probability == pytest.approx(b.log_probability, rel=1e-4)
        assert (a.attention is None) == (b.attention is None)
        if a.attention is not None:
            np.testing.assert_allclose(a.attention, b.attention, atol=1e-5)


@pytest.mark.parametrize(
    ("X", "options", "message"),
    [
        (["ab"], {"beam_size": 0}, "beam_size is 0"),
        (["ab"], {"length": 0}, "length is 0"),
        (["ab", " "], {}, "empty sources"),
        (["ㅁ" * 3], {}, "script that was never seen"),
        ([["ab"]], {}, "trained to read text"),
    ],
    ids=["beam", "length", "empty", "script", "kind"],
)
def test_what_it_cannot_do(both, X, options, message):
    with pytest.raises(InputError, match=message):
        both[1].translate(X, **options)


def test_it_has_no_stream(both):
    with pytest.raises(InputError, match="reads whole sentences before it writes"):
        both[1].stream()
