"""What agrees most: the likeness is sacrebleu's chrF, and the choice the expected best."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sacrebleu import CHRF

from ostinato.data._consensus import consensus, likeness

properties = settings(max_examples=100, deadline=None)
texts = st.lists(st.text("abc", min_size=1, max_size=12), min_size=1, max_size=5)


@properties
@given(texts)
def test_likeness_is_chrf(answers):
    found, chrf = likeness(answers), CHRF()
    for row, answer in enumerate(answers):
        for column, reference in enumerate(answers):
            expected = chrf.sentence_score(answer, [reference]).score / 100
            assert found[row, column] == pytest.approx(expected, abs=1e-9)


@properties
@given(texts, st.integers(0, 1000))
def test_none_can_be_expected_to_be_better(answers, seed):
    weights = np.random.default_rng(seed).random(len(answers))
    expected = likeness(answers) @ weights
    assert expected[consensus(answers, weights)] == expected.max()


def test_what_two_agree_on_beats_what_one_says():
    assert consensus(["a green swirl", "no kernel found", "no kernel"], np.full(3, 1 / 3)) == 1


def test_unless_it_is_far_likelier():
    assert consensus(["a green swirl", "no kernel found", "no kernel"], np.array([0.9, 0.05, 0.05])) == 0


def test_lists_of_tokens_are_compared_token_by_token():
    found = likeness([["AE1", "K"], ["AE1K"], ["AE1", "K"], []])
    assert found[0].tolist() == [1, 0, 1, 0]
    assert found[3, 3] == 1


def test_many_long_answers_do_not_fill_the_memory():
    """Pairs of them, times their n-grams: 100 MB at once."""
    answers = [[(row, place) for place in range(60)] for row in range(60)]
    tracemalloc.start()
    try:
        assert np.array_equal(likeness(answers), np.eye(60))
        assert tracemalloc.get_traced_memory()[1] < 30e6
    finally:
        tracemalloc.stop()


def test_spaces_do_not_count():
    assert likeness(["a bc", "ab c"]).tolist() == [[1, 1], [1, 1]]
