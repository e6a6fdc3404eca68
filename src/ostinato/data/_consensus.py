"""Choosing by agreement: of several answers the one that is most like all others (minimum Bayes risk)."""

from collections import Counter
from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

_ORDERS = range(1, 7)  # of n-grams
_BETA = 2  # how much more recall weighs than precision
_AT_A_TIME = 1 << 20  # counts that are compared


def consensus(answers: Sequence[Sequence[Hashable]], weights: NDArray[np.float64]) -> int:
    """Which answer can be expected to be best, where each of them is right with a probability.

    The expected chrF of an answer is that against each answer, its own likeness included, weighted by how
    likely this one is right (Kumar & Byrne 2004; Eikema & Aziz 2020).

    Args:
        answers: n, one or more, each of characters, or of other tokens.
        weights: (n,) not negative; they need not sum to 1.

    Returns:
        Its number, of equals the first.
    """
    return int((likeness(answers) @ weights).argmax())


def likeness(answers: Sequence[Sequence[Hashable]]) -> NDArray[np.float64]:
    """(n, n) chrF of each answer, from 0 to 1, where each in turn is the reference (Popović 2015).

    Of texts spaces do not count.

    Shares of n-grams of 1 to 6 tokens that are found in the other, averaged over the orders that both have:
    precision P and recall R; then (1 + β²) P R / (β² P + R) with β = 2. Two that have no token have 1.
    """
    answers = ["".join(answer.split()) if isinstance(answer, str) else answer for answer in answers]
    counted = [_counts(answers, n) for n in _ORDERS]
    precision, recall, orders = (np.zeros((len(answers), len(answers))) for _ in range(3))
    for counts in counted:
        totals = counts.sum(1)
        both = (totals[:, None] > 0) & (totals > 0)
        matches = _in_common(counts)
        precision += np.where(both, matches / np.maximum(totals[:, None], 1), 0)
        recall += np.where(both, matches / np.maximum(totals, 1), 0)
        orders += both
    precision, recall = precision / np.maximum(orders, 1), recall / np.maximum(orders, 1)
    weighted = _BETA**2 * precision + recall
    scores: NDArray[np.float64] = np.divide(
        (1 + _BETA**2) * precision * recall, weighted, out=np.zeros_like(weighted), where=weighted > 0
    )
    nothing = np.array([not len(answer) for answer in answers])
    scores[nothing[:, None] & nothing] = 1
    return scores


def _in_common(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """(n, n) how many n-grams each two of n answers have in common, of (n answers, n-grams)."""
    rows = max(1, _AT_A_TIME // max(1, counts.size))  # all at once would be n times the counts
    common = [
        np.minimum(counts[begin : begin + rows, None], counts).sum(2) for begin in range(0, len(counts), rows)
    ]
    return np.concatenate(common)


def _counts(answers: Sequence[Sequence[Hashable]], n: int) -> NDArray[np.int64]:
    """(n answers, n-grams) how often each n-gram stands in each answer."""
    grams = [Counter(tuple(answer[i : i + n]) for i in range(len(answer) - n + 1)) for answer in answers]
    places = {
        gram: place for place, gram in enumerate(dict.fromkeys(gram for each in grams for gram in each))
    }
    counts = np.zeros((len(answers), len(places)), np.int64)
    for row, each in enumerate(grams):
        counts[row, [places[gram] for gram in each]] = list(each.values())
    return counts
