"""Ragged: sequences of different lengths in one array."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato.data import Ragged


@pytest.fixture
def ragged():
    return Ragged.of([np.arange(3), np.arange(10, 15), np.arange(20, 21)])


def test_sequences_come_back(ragged):
    assert [sequence.tolist() for sequence in ragged] == [[0, 1, 2], [10, 11, 12, 13, 14], [20]]
    assert ragged.lengths.tolist() == [3, 5, 1]
    assert ragged[-1].tolist() == [20]


def test_a_batch_is_padded_with_zeros(ragged):
    batch, lengths = ragged.padded([2, 0])
    assert batch.tolist() == [[20, 0], [0, 1], [0, 2]]
    assert lengths.tolist() == [1, 3]


def test_some_are_taken_in_their_order(ragged):
    assert [sequence.tolist() for sequence in ragged.take([2, 0])] == [[20], [0, 1, 2]]


def test_long_ones_are_cut_into_equal_pieces_without_a_copy(ragged):
    cut = ragged.cut(4)
    assert [sequence.tolist() for sequence in cut] == [[0, 1, 2], [10, 11], [12, 13, 14], [20]]
    assert cut.values is ragged.values


@given(st.lists(st.integers(1, 40), min_size=1), st.integers(1, 12))
def test_pieces_are_as_few_and_as_equal_as_can_be(lengths, longest):
    sequences = [np.full(length, index) for index, length in enumerate(lengths)]
    pieces = list(Ragged.of(sequences).cut(longest))
    for index, length in enumerate(lengths):
        sizes = [len(piece) for piece in pieces if piece[0] == index]
        assert sum(sizes) == length
        assert len(sizes) == -(-length // longest)
        assert max(sizes) - min(sizes) <= 1
    assert all(len(set(piece.tolist())) == 1 for piece in pieces)
