"""Pooling: one vector of all real steps, and nothing of the padding."""

import pytest
import torch

from ostinato import InputError
from ostinato.nn import POOLINGS, Pooling

LENGTHS = [3, 8, 1, 8, 5]


def batch(dtype=torch.float32, padding=float("nan")):
    torch.manual_seed(0)
    y = torch.randn(8, 5, 6, dtype=dtype)
    y[torch.arange(8)[:, None] >= torch.tensor(LENGTHS)] = padding
    return y, torch.tensor(LENGTHS)


def pooling(how, *, bidirectional=False):
    torch.manual_seed(1)
    return Pooling(how, 6, bidirectional)


EXPECTED = {  # of one row's real steps, (T, F)
    "last": lambda y: y[-1],
    "mean": lambda y: y.mean(0),
    "max": lambda y: y.max(0).values,
    "last+mean+max": lambda y: torch.cat([y[-1], y.mean(0), y.max(0).values]),
    "attention": lambda y: attention(pooling("attention"), y),
}


def attention(module, y):
    scores = torch.tanh(y @ module.hidden.weight.T + module.hidden.bias) @ module.score.weight[0]
    return scores.softmax(0) @ y


@pytest.mark.parametrize("how", POOLINGS)
def test_each_row_is_pooled_over_its_own_steps(how):
    y, lengths = batch()
    pooled = pooling(how)(y, lengths)
    for row, length in enumerate(LENGTHS):
        torch.testing.assert_close(pooled[row], EXPECTED[how](y[:length, row]))


def test_last_takes_the_backward_half_where_reading_backwards_ends():
    y, lengths = batch()
    pooled = pooling("last", bidirectional=True)(y, lengths)
    for row, length in enumerate(LENGTHS):
        assert torch.equal(pooled[row], torch.cat([y[length - 1, row, :3], y[0, row, 3:]]))


@pytest.mark.parametrize("how", POOLINGS)
def test_padding_has_no_gradient(how):
    y, lengths = batch()
    y.requires_grad_()
    pooling(how)(y, lengths).sum().backward()
    padding = torch.arange(8)[:, None] >= lengths
    assert not y.grad[padding].any()
    assert y.grad.isfinite().all()


@pytest.mark.parametrize("how", POOLINGS)
def test_gradients_are_those_of_finite_differences(how):
    y, lengths = batch(torch.float64, padding=0.0)
    module = pooling(how, bidirectional=True).double()
    assert torch.autograd.gradcheck(lambda y: module(y, lengths), y.requires_grad_())


@pytest.mark.parametrize("how", POOLINGS)
def test_out_features_are_those_that_come_out(how):
    module = pooling(how)
    y, lengths = batch()
    assert module(y, lengths).shape == (5, module.out_features)


def test_attention_tells_how_much_each_step_weighs():
    y, lengths = batch()
    weights = pooling("attention").weights(y, lengths)
    torch.testing.assert_close(weights.sum(0), torch.ones(5))
    assert torch.equal(weights > 0, torch.arange(8)[:, None] < lengths)


def test_another_word_is_refused_with_those_there_are():
    with pytest.raises(InputError, match=r"'median'.*last, mean, max"):
        Pooling("median", 6)


def test_repr():
    assert repr(Pooling("mean", 6)) == "Pooling('mean')"
