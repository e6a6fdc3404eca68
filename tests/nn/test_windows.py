"""Windows: steps and changes around, of each row alone."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ostinato.nn._windows import Windows

SCALES = (2.0, 0.5)


def rows_of(lengths, seed=0):
    torch.manual_seed(seed)
    return torch.randn(max(lengths), len(lengths), len(SCALES), dtype=torch.float64)


def expected(row, stride):
    """The windows of one row (T, D), step by step: (⌈T / stride⌉, 4·stride·D)."""
    last = len(row) - 1
    changes = [(row[t] - row[max(t - stride, 0)]) / np.array(SCALES) for t in range(len(row))]
    steps = np.concatenate([row, np.clip(changes, -10, 10)], axis=1)
    centres = range(stride // 2, stride // 2 + len(row), stride)
    around = [np.clip(np.arange(c - stride, c + stride), 0, last) for c in centres]
    return np.stack([steps[at].ravel() for at in around])


@settings(max_examples=40, deadline=None)
@given(stride=st.integers(1, 6), lengths=st.lists(st.integers(1, 14), min_size=1, max_size=4))
def test_each_row_has_its_own_windows(stride, lengths):
    x = rows_of(lengths)
    windows, counts = Windows(stride, SCALES)(x, torch.tensor(lengths))
    assert windows.shape == (-(-max(lengths) // stride), len(lengths), 4 * stride * 2)
    for row, length in enumerate(lengths):
        of_row = expected(x[:length, row].numpy(), stride)
        assert counts[row] == len(of_row)
        np.testing.assert_allclose(windows[: counts[row], row], of_row, rtol=1e-12)


@pytest.mark.parametrize("stride", [1, 3])
def test_padding_is_not_read(stride):
    lengths = torch.tensor([2, 7])
    x = rows_of([2, 7])
    x[2:, 0] = torch.nan
    x.requires_grad_()
    windows, _ = Windows(stride, SCALES)(x, lengths)
    assert windows.isfinite().all()
    windows.sum().backward()
    assert not x.grad[2:, 0].any()


def test_a_leap_is_held_within_ten_standard_deviations():
    windows, _ = Windows(1, (0.001,))(torch.tensor([[[0.0]], [[5.0]]]), torch.tensor([2]))
    assert windows[1].flatten().tolist() == [0.0, 0.0, 5.0, 10.0]


def test_how_it_is_shown():
    assert repr(Windows(3, SCALES)) == "Windows(stride=3)"
