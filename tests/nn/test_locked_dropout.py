"""Locked dropout: one mask for all steps of a row."""

import pytest
import torch

from ostinato.nn import LockedDropout


def test_a_number_is_dropped_at_all_steps_or_at_none():
    torch.manual_seed(0)
    y = LockedDropout(0.4)(torch.ones(5, 30, 40))
    assert torch.equal(y, y[:1].expand(5, -1, -1))
    assert y.unique().tolist() == pytest.approx([0, 1 / 0.6])
    assert (y[0] == 0).float().mean().item() == pytest.approx(0.4, abs=0.05)
    assert not torch.equal(y[:, 0], y[:, 1])


def test_vectors():
    torch.manual_seed(0)
    y = LockedDropout(0.5)(torch.ones(30, 40))
    assert not torch.equal(y[0], y[1])


def test_gradients_are_dropped_alike():
    x = torch.ones(5, 3, 4, requires_grad=True)
    y = LockedDropout(0.5)(x)
    y.sum().backward()
    assert torch.equal(x.grad, y.detach())


@pytest.mark.parametrize("p", [0.0, 0.9])
def test_nothing_is_dropped_outside_training(p):
    x = torch.randn(5, 3, 4)
    assert torch.equal(LockedDropout(p).eval()(x), x)
    if p == 0:
        assert torch.equal(LockedDropout(p)(x), x)


def test_repr():
    assert repr(LockedDropout(0.3)) == "LockedDropout(p=0.3)"
