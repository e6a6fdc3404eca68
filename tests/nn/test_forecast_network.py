"""ForecastNetwork: corrections that begin as none."""

import pytest
import torch

from ostinato.nn import LAYERS, ForecastNetwork
from ostinato.nn._forecast_shapes import FORECAST_SHAPES


def network(cell="gru", shape="quantiles", *, layers=1, dropout=0.0, begun=True):
    """A network; unless it is just `begun`, with a last layer that says something."""
    torch.manual_seed(0)
    net = ForecastNetwork(3, 2, shape=shape, cell=cell, hidden_size=5, num_layers=layers, dropout=dropout)
    if not begun:
        torch.nn.init.normal_(net.decoder.weight)
    return net


def batch(B=4):
    torch.manual_seed(1)
    return torch.randn(7, B, 3), torch.randn(6, B, 2)


@pytest.mark.parametrize("shape", FORECAST_SHAPES)
def test_before_training_it_corrects_nothing(shape):
    assert (network(shape=shape)(*batch()) == 0).all()


@pytest.mark.parametrize("cell", LAYERS)
@pytest.mark.parametrize("layers", [1, 2])
class TestEachCell:
    def test_a_window_is_the_same_alone_and_in_company(self, cell, layers):
        net, (history, future) = network(cell, layers=layers, begun=False), batch()
        together = net(history, future)
        assert together.shape == (6, 4, 2)
        for row in range(4):
            alone = net(history[:, row : row + 1], future[:, row : row + 1])
            torch.testing.assert_close(together[:, row : row + 1], alone)

    def test_every_weight_gets_a_gradient(self, cell, layers):
        net = network(cell, layers=layers, begun=False)
        net.shape.losses(net(*batch()), torch.randn(6, 4)).sum().backward()
        assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in net.parameters())

    def test_history_reaches_every_step_and_the_future_those_after_it(self, cell, layers):
        net, (history, future) = network(cell, layers=layers, begun=False), batch(1)
        before = net(history, future)
        changed = (net(history + 1, future) != before).any(-1)
        assert changed.all()
        later = future.clone()
        later[3] += 1
        changed = (net(history, later) != before).any(-1)[:, 0]
        assert changed.tolist() == [False] * 3 + [True] * 3


def test_shrinking_shrinks_all_corrections():
    net, inputs = network(begun=False), batch()
    before = net(*inputs)
    net.shrink(0.25)
    torch.testing.assert_close(net(*inputs), before / 4)


def test_dropout_is_for_training():
    net, inputs = network(dropout=0.5, begun=False), batch()
    assert not torch.equal(net(*inputs), net(*inputs))
    net.eval()
    assert torch.equal(net(*inputs), net(*inputs))


def test_numbers_per_step():
    assert network().numbers_per_step == 3 + 15 + 5
