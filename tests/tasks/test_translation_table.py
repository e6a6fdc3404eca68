"""The translation table: what comes together is what translates."""

import numpy as np
import pytest

from ostinato.data import Ragged
from ostinato.tasks import _translation_table
from ostinato.tasks._translation_table import TranslationTable

# 1 is 11, 2 is 12, 3 is 13, whatever the order.
SOURCES = [[1, 2], [2, 3], [3, 1], [1], [2, 1, 3]]
TARGETS = [[12, 11], [12, 13], [11, 13], [11], [13, 12, 11]]


def arrays(sequences):
    return [np.array(sequence) for sequence in sequences]


def learned(sources=SOURCES, targets=TARGETS):
    return TranslationTable.learn(Ragged.of(arrays(sources)), Ragged.of(arrays(targets)))


def looped(sources, targets, iterations=4, rare=0.5):
    """t(y | x), cell by cell."""
    t = {(x, y): 1.0 for source, target in zip(sources, targets, strict=True) for x in source for y in target}
    for _ in range(iterations):
        counts, totals = dict.fromkeys(t, 0.0), {}
        for source, target in zip(sources, targets, strict=True):
            for y in target:
                whole = sum(t[x, y] for x in source)
                for x in source:
                    counts[x, y] += t[x, y] / whole
                    totals[x] = totals.get(x, 0.0) + t[x, y] / whole
        t = {(x, y): count / (totals[x] + rare) for (x, y), count in counts.items()}
    return t


def test_as_of_loops():
    table, forward, backward = learned(), looped(SOURCES, TARGETS), looped(TARGETS, SOURCES)
    found = dict(zip(table.keys.tolist(), table.values.tolist(), strict=True))
    expected = {x * table.size + y: forward[x, y] * backward[y, x] for x, y in forward}
    assert found == pytest.approx(expected)


def test_an_alignment_finds_what_translates():
    alignment = learned().alignment(np.array([[3], [1], [2]]), np.array([[11], [12], [13]]))[:, 0]
    assert alignment.argmax(1).tolist() == [1, 2, 0]
    np.testing.assert_allclose(alignment.sum(1), 1, rtol=1e-6)
    assert (alignment.max(1) > 0.8).all()


def test_what_never_came_together_is_not_aligned():
    alignment = learned().alignment(np.array([[99], [1]]), np.array([[11], [77]]))
    assert alignment.tolist() == [[[0, 1]], [[0, 0]]]


def test_pairs_side_by_side_are_as_alone():
    table, sources, targets = learned(), [[3, 1, 2], [1], [2, 2]], [[11, 12], [13, 11], [12, 11]]
    padded = np.array([[*source, -1, -1][:3] for source in sources]).T
    alignment = table.alignment(padded, np.array(targets).T)
    for column, (source, target) in enumerate(zip(sources, targets, strict=True)):
        alone = table.alignment(np.array(source)[:, None], np.array(target)[:, None])[:, 0]
        np.testing.assert_array_equal(alignment[:, column, : len(source)], alone)
        assert not alignment[:, column, len(source) :].any()


def test_of_very_many_the_first_are_counted(monkeypatch):
    monkeypatch.setattr(_translation_table, "_CELLS", 5)
    assert len(learned().keys) == 4
    monkeypatch.setattr(_translation_table, "_CELLS", 1)
    assert len(learned().keys) == 4
