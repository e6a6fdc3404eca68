import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ostinato.training import ShuffledBatches


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 50), st.integers(1, 60), st.integers(0, 2**63 - 1), st.integers(0, 3))
def test_an_epoch_has_each_example_once(count, batch_size, seed, epoch):
    batches = ShuffledBatches(count, batch_size, seed)
    rows = [batches(epoch, index) for index in range(batches.steps_per_epoch)]
    assert sorted(np.concatenate(rows).tolist()) == list(range(count))
    assert {len(batch) for batch in rows[:-1]} <= {batch_size}
    assert 1 <= len(rows[-1]) <= batch_size


def test_a_batch_is_the_same_whatever_was_asked_before():
    batches = ShuffledBatches(20, 3, 0)
    expected = batches(1, 2).tolist()
    batches(4, 0)
    assert batches(1, 2).tolist() == expected
    assert ShuffledBatches(20, 3, 0)(1, 2).tolist() == expected


@pytest.mark.parametrize("other", [(1, 0), (0, 1)], ids=["epoch", "seed"])
def test_another_epoch_or_seed_is_another_order(other):
    epoch, seed = other
    assert ShuffledBatches(50, 50, 0)(0, 0).tolist() != ShuffledBatches(50, 50, seed)(epoch, 0).tolist()
