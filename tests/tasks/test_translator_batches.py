"""Batches of similar length: every pair once an epoch, in an order that depends on seed and epoch alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ostinato.tasks._translator_batches import LengthBatches

LENGTHS = np.random.default_rng(0).integers(1, 100, 500)


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 150), st.integers(1, 60), st.integers(0, 2**63 - 1), st.integers(0, 3))
def test_an_epoch_has_each_pair_once(count, batch_size, seed, epoch):
    batches = LengthBatches(LENGTHS[:count], batch_size, seed)
    rows = [batches(epoch, index) for index in range(batches.steps_per_epoch)]
    assert sorted(np.concatenate(rows).tolist()) == list(range(count))
    assert max(map(len, rows)) <= batch_size
    assert sum(len(batch) < min(batch_size, count) for batch in rows) <= 1


def test_a_batch_is_hardly_padded():
    batches = LengthBatches(LENGTHS, 10, 0)
    read = [LENGTHS[batches(0, index)] for index in range(50)]
    assert sum(len(batch) * batch.max() for batch in read) < 1.1 * LENGTHS.sum()


@pytest.mark.parametrize(("length", "pairs"), [(1, 256), (15, 64), (50, 32), (100, 16), (5000, 8)])
def test_where_nothing_is_said_short_pairs_make_large_batches(length, pairs):
    assert LengthBatches(np.full(1000, length), None, 0).batch_size == pairs


def test_short_ones_do_not_come_first():
    batches = LengthBatches(LENGTHS, 10, 0)
    means = np.array([LENGTHS[batches(0, index)].mean() for index in range(50)])
    assert abs(np.corrcoef(means, np.arange(50))[0, 1]) < 0.5


def test_a_batch_is_the_same_whatever_was_asked_before():
    batches = LengthBatches(LENGTHS, 3, 0)
    expected = batches(1, 2).tolist()
    batches(4, 0)
    assert batches(1, 2).tolist() == expected
    assert LengthBatches(LENGTHS, 3, 0)(1, 2).tolist() == expected


@pytest.mark.parametrize("other", [(1, 0), (0, 1)], ids=["epoch", "seed"])
def test_another_epoch_or_seed_is_another_order(other):
    epoch, seed = other
    assert LengthBatches(LENGTHS, 50, 0)(0, 0).tolist() != LengthBatches(LENGTHS, 50, seed)(epoch, 0).tolist()
