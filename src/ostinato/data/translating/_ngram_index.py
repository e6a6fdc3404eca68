"""Which sentences are most alike, by the n-grams they have in common."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

_ORDERS = range(1, 4)  # of n-grams
_COMMON = 0.1  # share of the sentences from which on an n-gram is common
_MOST_COMMON = 256  # n-grams


class NgramIndex:
    """Finds how similar sentences are to those of a collection.

    A sentence is a vector of the n-grams of up to three characters (of lists: tokens) that it has, capital or
    small: of each 1 + log of how often, times log((1 + n)/(1 + m)) + 1, where m of the n sentences of the
    collection have it, all divided by the vector's length (tf-idf: Salton and Buckley 1988, in the variant of
    scikit-learn). Similarity is the cosine. The collection is kept by n-gram: in which sentences each is, and
    of common ones a row of a matrix.

    Args:
        sentences: texts or lists of tokens, one at least.
    """

    def __init__(self, sentences: Sequence[Any]) -> None:
        self._columns: dict[Any, int] = {}
        counted = [Counter(_ngrams(sentence)) for sentence in sentences]
        for ngram in chain.from_iterable(counted):
            self._columns.setdefault(ngram, len(self._columns))
        columns = np.array([self._columns[ngram] for ngram in chain.from_iterable(counted)], np.int64)
        counts = np.array([count for each in counted for count in each.values()], np.float64)
        rows = np.repeat(np.arange(len(sentences)), [len(each) for each in counted])
        having = np.bincount(columns, minlength=len(self._columns))
        self._rarity = np.log((1 + len(sentences)) / (1 + having)) + 1
        weights = (1 + np.log(counts)) * self._rarity[columns]
        lengths = np.sqrt(np.bincount(rows, np.square(weights), len(sentences)))
        order = np.argsort(columns, kind="stable")
        self._rows = rows[order]
        self._weights = (weights / lengths[rows])[order]
        self._begins = np.concatenate([[0], np.cumsum(having)])
        self._size = len(sentences)
        common = np.argsort(-having, kind="stable")[:_MOST_COMMON]
        common = common[having[common] > _COMMON * len(sentences)]
        self._common = np.full(len(having), -1)
        self._common[common] = np.arange(len(common))
        self._matrix = np.zeros((len(common), len(sentences)))
        for row, column in enumerate(common.tolist()):
            place = slice(self._begins[column], self._begins[column + 1])
            self._matrix[row, self._rows[place]] = self._weights[place]

    def similarities(self, sentences: Sequence[Any]) -> NDArray[np.float32]:
        """(n, m) from 0 to 1, of sentences to each of the m of the collection."""
        similarities = np.zeros((len(sentences), self._size))
        common = np.zeros((len(sentences), len(self._matrix)))
        for row, (columns, weights) in enumerate(map(self._vector, sentences)):
            places = self._common[columns]
            common[row, places[places >= 0]] = weights[places >= 0]
            similarities[row] = self._rare(columns[places < 0], weights[places < 0])
        similarities += common @ self._matrix
        return similarities.astype(np.float32)

    def _vector(self, sentence: Any) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The known n-grams of a sentence and their weights."""
        counted = Counter(_ngrams(sentence))
        known = {self._columns[ngram]: count for ngram, count in counted.items() if ngram in self._columns}
        columns = np.fromiter(known, np.int64, len(known))
        weights = 1 + np.log(np.fromiter(known.values(), np.float64, len(known)))
        weights *= self._rarity[columns]
        return columns, weights / max(float(np.sqrt(np.square(weights).sum())), 1e-30)

    def _rare(self, columns: NDArray[np.int64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """(m,) what n-grams that are not common add to the similarity of each of the collection."""
        if not len(columns):
            return np.zeros(self._size)
        begins, ends = self._begins[columns], self._begins[columns + 1]
        places = [slice(*both) for both in zip(begins.tolist(), ends.tolist(), strict=True)]
        rows = np.concatenate([self._rows[place] for place in places])
        products = np.concatenate([self._weights[place] for place in places])
        products *= np.repeat(weights, ends - begins)
        return np.asarray(np.bincount(rows, products, self._size), np.float64)


def _ngrams(sentence: str | Sequence[str]) -> Iterator[Any]:
    whole = sentence.lower() if isinstance(sentence, str) else tuple(sentence)
    return (whole[i : i + n] for n in _ORDERS for i in range(len(whole) - n + 1))
