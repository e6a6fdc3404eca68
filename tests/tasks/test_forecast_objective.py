"""What a forecaster is trained on."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from ostinato import InputError
from ostinato.data.forecasting._windows import Windows
from ostinato.nn import ForecastNetwork
from ostinato.tasks import _forecast_objective
from ostinato.tasks._forecast_objective import ForecastObjective, mean_loss, read_windows, shrink

NAN = np.nan
N, C, H = 6, 5, 3


def windows(targets=None, seed=0):
    rng = np.random.default_rng(seed)
    return Windows(
        rng.normal(size=(N, C, 4)).astype(np.float32),
        rng.normal(size=(N, H, 2)).astype(np.float32),
        np.asarray(rng.normal(size=(N, H)) if targets is None else targets, np.float32),
        rng.normal(size=(N, H)),
        rng.uniform(1, 2, size=(N, H)),
        np.zeros(N, np.int64),
        np.arange(N),
        np.arange(N) < N - 2,
        np.zeros(N, bool),
        np.full(N, -np.inf),
    )


def network(bias=(0.0, 0.0)):
    """A network that always says the same."""
    torch.manual_seed(0)
    net = ForecastNetwork(4, 2, shape="quantiles", cell="gru", hidden_size=4, num_layers=1, dropout=0.0)
    net.decoder.bias.data = torch.tensor(bias)
    return net


def objective(train, valid=None, bias=(0.0, 0.0), independent=1e9):
    return ForecastObjective(network(bias), train, independent, valid, 4, seed=0)


class TestLoss:
    def test_is_the_mean_over_what_there_is(self):
        targets = np.full((N, H), 2.0)
        whole = objective(windows(targets)).loss(0, 0, ()).loss.item()
        targets[1:] = NAN
        targets[:, 1] = NAN
        assert objective(windows(targets)).evaluate() == {}
        assert mean_loss(network(), windows(targets)) == pytest.approx(whole)

    def test_corrections_cost_something_the_more_the_fewer_windows_there_are(self):
        few, many = (
            objective(windows(), bias=(0.6, 0.8), independent=n).loss(0, 0, ()).loss.item() for n in (2, 1e9)
        )
        assert few - many == pytest.approx((0.36 + 0.64) / 2, rel=1e-4)

    def test_evaluation(self):
        valid = windows(seed=1)
        assert objective(windows(), valid).evaluate() == {"loss": mean_loss(network(), valid)}

    def test_few_windows_are_taken_several_times_an_epoch(self, monkeypatch):
        monkeypatch.setattr("ostinato.tasks._forecast_objective._STEPS_PER_EPOCH", 7)
        few = objective(windows())
        assert few.steps_per_epoch >= 7
        rows = np.concatenate([few.batches(0, index) % N for index in range(few.steps_per_epoch)])
        assert (np.bincount(rows) == len(rows) / N).all()


class TestReading:
    def test_quantiles_are_in_the_data_s_units(self):
        some = windows()
        predicted, _ = read_windows(network((0.5, 0.0)), some, (0.3, 0.5))
        np.testing.assert_allclose(predicted.points, some.means + 0.5 * some.spreads, rtol=1e-6)
        np.testing.assert_allclose(predicted.quantiles[..., 1], predicted.points)

    def test_in_parts(self, monkeypatch):
        some = windows()
        whole, loss = read_windows(network(), some, (0.3,))
        monkeypatch.setattr(_forecast_objective, "AT_A_TIME", 1)
        parts, same = read_windows(network(), some, (0.3,))
        np.testing.assert_allclose(parts.quantiles, whole.quantiles)
        assert same == pytest.approx(loss)

    def test_outputs_that_are_not_finite(self):
        with pytest.raises(InputError, match="not all finite"):
            read_windows(network((NAN, 0.0)), windows(), (0.5,))


class TestShrink:
    def test_corrections_that_are_right_stay(self):
        net = network((2.0, -2.0))
        shrink(net, windows(np.full((N, H), 2.0)))
        assert net.decoder.bias.tolist() == [2.0, -2.0]

    def test_corrections_that_are_wrong_go(self):
        net = network((2.0, 0.0))
        shrink(net, windows(np.full((N, H), -2.0)))
        assert net.decoder.bias.tolist() == [0.0, 0.0]

    def test_what_is_hardly_better_than_nothing_goes_too(self):
        rng = np.random.default_rng(0)
        net = network((0.02, 0.0))
        shrink(net, windows(rng.normal(0.02, 1.0, size=(N, H))))
        assert net.decoder.bias.tolist() == [0.0, 0.0]

    def test_windows_that_share_their_steps_are_no_more_evidence(self):
        """Of 6 steps, 3 at a time, two windows are independent: a loss must be 0.59 of what it was."""
        some, net = windows(np.full((N, H), 1.0)), network((0.4, 0.0))
        assert 0.59 < mean_loss(net, some) / mean_loss(network(), some) < 0.7
        shrink(net, some)
        assert net.decoder.bias.tolist() == [0.0, 0.0]


class TestWindows:
    def test_whole_ones_are_complete(self):
        assert windows().whole().origins.tolist() == [0, 1, 2, 3]

    def test_some_evenly_spread(self):
        assert windows().first(2).origins.tolist() == [0, 5]
        assert windows().first(99).origins.tolist() == list(range(N))

    def test_joined(self):
        both = Windows.joined([windows(), windows(seed=1)])
        assert len(both) == 2 * N
        np.testing.assert_array_equal(both.take(np.arange(N, 2 * N)).means, windows(seed=1).means)

    def test_a_floor(self):
        some = replace(windows(), floor=np.full(N, 0.5))
        free = windows().values(np.ones((N, H, 1)))
        np.testing.assert_array_equal(some.values(np.ones((N, H, 1))), np.maximum(free, 0.5))

    def test_logarithms(self):
        some = replace(windows(), log=np.ones(N, bool))
        np.testing.assert_allclose(some.values(np.ones((N, H, 1)))[..., 0], np.exp(some.means + some.spreads))
