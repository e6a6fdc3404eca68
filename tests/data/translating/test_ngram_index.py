"""Similarities of sentences, against scikit-learn's tf-idf vectors."""

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from ostinato.data.translating._ngram_index import NgramIndex, _ngrams

TEXTS = ["Open the file", "open a file", "Close the window", "파일을 엽니다", "{0} files", "x", "the the the"]
LISTS = [["a", "b", "c"], ["b", "a"], ["a"], ["c", "c", "c", "a"], ["d", "e"]]
ASKED = {
    "texts": (TEXTS, [*TEXTS, "the end of the file", "창을 닫습니다", "☃", ""]),
    "lists": (LISTS, [*LISTS, ["a", "z"], ["z"], []]),
    "one": (["abc"], ["abc", "abd"]),
    "many": ([f"{n} of {n * n}" for n in range(99)], [f"{n}" for n in range(20)]),
}


@pytest.mark.parametrize(("sentences", "asked"), ASKED.values(), ids=ASKED)
def test_similarities_are_the_cosines_of_tf_idf_vectors(sentences, asked):
    vectorizer = TfidfVectorizer(analyzer=lambda each: list(_ngrams(each)), sublinear_tf=True).fit(sentences)
    expected = (vectorizer.transform(asked) @ vectorizer.transform(sentences).T).toarray()
    similarities = NgramIndex(sentences).similarities(asked)
    assert similarities.dtype == np.float32
    np.testing.assert_allclose(similarities, expected, atol=2e-7)


@pytest.mark.parametrize("common", [0, 3, 10**6], ids=["none", "some", "all"])
def test_common_ngrams_make_no_difference(common, monkeypatch):
    expected = NgramIndex(TEXTS).similarities(TEXTS)
    monkeypatch.setattr("ostinato.data.translating._ngram_index._MOST_COMMON", common)
    monkeypatch.setattr("ostinato.data.translating._ngram_index._COMMON", 0)
    np.testing.assert_allclose(NgramIndex(TEXTS).similarities(TEXTS), expected, atol=1e-7)


def test_equal_sentences_are_equally_similar():
    similarities = NgramIndex([*TEXTS, *TEXTS]).similarities(TEXTS)
    np.testing.assert_array_equal(similarities[:, : len(TEXTS)], similarities[:, len(TEXTS) :])
