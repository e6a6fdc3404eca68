import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ostinato.data import Ragged, by_length

properties = settings(max_examples=100, deadline=None)
STEPS = {"ids": (), "vectors": (2,), "frames": (2, 3, 1)}


@st.composite
def sequences(draw):
    """Sequences of one shape of step, every number in them another."""
    shape = draw(st.sampled_from(list(STEPS.values())))
    lengths = draw(st.lists(st.integers(0, 5), min_size=1, max_size=8))
    numbers = iter(range(1, 10_000))
    return [
        np.array([next(numbers) for _ in range(length * int(np.prod(shape)))], np.int32).reshape(-1, *shape)
        for length in lengths
    ]


@properties
@given(sequences())
def test_the_sequences_come_back(given):
    ragged = Ragged.of(given)
    assert len(ragged) == len(given)
    assert ragged.lengths.tolist() == [len(sequence) for sequence in given]
    for there, sequence in zip(ragged, given, strict=True):
        np.testing.assert_array_equal(there, sequence)
    np.testing.assert_array_equal(ragged[-1], given[-1])


@properties
@given(sequences(), st.data())
def test_taken_rows_are_those_asked_for(given, data):
    rows = data.draw(st.lists(st.integers(0, len(given) - 1), min_size=1, max_size=10))
    taken = Ragged.of(given).take(rows)
    assert [sequence.tolist() for sequence in taken] == [given[row].tolist() for row in rows]


@properties
@given(sequences(), st.data())
def test_a_batch_has_each_row_and_nothing_past_its_end(given, data):
    rows = data.draw(st.lists(st.integers(0, len(given) - 1), min_size=1, max_size=10))
    batch, lengths = Ragged.of(given).padded(rows)
    longest = max(len(given[row]) for row in rows)
    assert batch.shape == (longest, len(rows), *given[0].shape[1:])
    assert batch.dtype == given[0].dtype
    for column, row in enumerate(rows):
        assert lengths[column] == len(given[row])
        np.testing.assert_array_equal(batch[: len(given[row]), column], given[row])
        assert not batch[len(given[row]) :, column].any()


def test_long_ones_are_cut_into_equal_pieces_without_a_copy():
    ragged = Ragged.of([np.arange(3), np.arange(10, 15), np.arange(20, 21)])
    cut = ragged.cut(4)
    assert [sequence.tolist() for sequence in cut] == [[0, 1, 2], [10, 11], [12, 13, 14], [20]]
    assert cut.values is ragged.values


@properties
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


def test_a_sequence_is_a_view():
    ragged = Ragged.of([np.zeros(2), np.zeros(3)])
    ragged[1][0] = 7
    assert ragged.values.tolist() == [0, 0, 7, 0, 0]


@pytest.mark.parametrize("index", [2, -3])
def test_there_is_no_sequence_past_the_ends(index):
    with pytest.raises(IndexError):
        Ragged.of([np.zeros(2), np.zeros(3)])[index]


def test_memory_mapped_values_are_not_read_whole(tmp_path):
    np.arange(6, dtype=np.float32).reshape(3, 2).tofile(tmp_path / "values")
    values = np.memmap(tmp_path / "values", np.float32, "r", shape=(3, 2))
    ragged = Ragged(values, np.array([0, 1, 3]))
    assert isinstance(ragged[1], np.memmap)
    assert ragged.padded([1, 0])[0].tolist() == [[[2, 3], [0, 1]], [[4, 5], [0, 0]]]


@pytest.mark.parametrize("steps", [1, 6, 7, 100])
def test_batches_by_length_hold_so_many_steps_and_every_row_once(steps):
    lengths = np.random.default_rng(0).integers(1, 9, 40)
    batches = list(by_length(lengths, steps))
    assert sorted(np.concatenate(batches).tolist()) == list(range(40))
    assert all(len(batch) == 1 or len(batch) * lengths[batch].max() <= steps for batch in batches)
    longest = [lengths[batch].max() for batch in batches]
    assert longest == sorted(longest)
