"""The shapes of a forecast's distribution."""

import numpy as np
import pytest
import torch
from scipy import stats

from ostinato.data.forecasting import SHAPES
from ostinato.nn._forecast_shapes import _LEVELS, FORECAST_SHAPES, QuantileShape, StudentShape

NORMAL = stats.norm.ppf(_LEVELS)


def other(kind):
    """A shape that is not as it begins."""
    shape = kind()
    generator = torch.Generator().manual_seed(0)
    for parameter in shape.parameters():
        parameter.data = torch.randn(parameter.shape, generator=generator)
    return shape


@pytest.mark.parametrize("kind", FORECAST_SHAPES.values(), ids=list(FORECAST_SHAPES))
class TestEachKind:
    def test_it_begins_about_normal(self, kind):
        np.testing.assert_allclose(kind().at(_LEVELS).detach(), NORMAL, atol=0.06)

    def test_quantiles_rise(self, kind):
        quantiles = other(kind).at(np.linspace(0.0001, 0.9999, 301).tolist())
        assert (quantiles.diff() > 0).all()

    def test_gradients(self, kind):
        shape, corrections = other(kind).double(), torch.randn(5, 2, dtype=torch.float64, requires_grad=True)
        values = torch.linspace(-2, 2, 5, dtype=torch.float64)
        parameters = tuple(shape.parameters())
        assert torch.autograd.gradcheck(
            lambda *_: shape.losses(corrections, values), (corrections, *parameters)
        )

    def test_the_loss_is_least_for_what_the_values_were_drawn_from(self, kind):
        shape = kind()
        corrections = torch.zeros(2, requires_grad=True)
        values = 3 + 2 * torch.from_numpy(stats.norm.ppf((np.arange(999) + 0.5) / 999)).float()
        optimiser = torch.optim.Adam([corrections, *shape.parameters()], lr=0.05)
        for _ in range(200):
            optimiser.zero_grad()
            shape.losses(corrections.expand(999, -1), values).mean().backward()
            optimiser.step()
        shift, log_scale = corrections.tolist()
        quantiles = shift + np.exp(log_scale) * shape.at([0.1, 0.5, 0.9]).detach().numpy()
        np.testing.assert_allclose(quantiles, [3 - 2.56, 3, 3 + 2.56], atol=0.2)

    def test_shrunk_to_nothing_it_is_as_it_began(self, kind):
        shape = other(kind)
        shape.shrink(0.0)
        torch.testing.assert_close(shape.at(_LEVELS), kind().at(_LEVELS))


def test_the_pinball_loss():
    shape, corrections = other(QuantileShape), torch.tensor([[0.5, 0.3]])
    quantiles = 0.5 + np.exp(0.3) * shape.quantiles().detach().numpy()
    errors = 1.2 - quantiles
    expected = np.mean(np.where(errors > 0, errors * _LEVELS, errors * (np.array(_LEVELS) - 1)))
    assert shape.losses(corrections, torch.tensor([1.2])).item() == pytest.approx(expected, rel=1e-5)


def test_at_the_trained_levels_quantiles_are_what_was_trained():
    shape = other(QuantileShape)
    np.testing.assert_allclose(shape.at(_LEVELS).detach(), shape.quantiles().detach(), rtol=1e-6)


def test_between_and_beyond_them_they_are_linear_in_the_normal_ones():
    shape, levels = QuantileShape(), [0.001, 0.03, 0.45, 0.77, 0.999]
    np.testing.assert_allclose(shape.at(levels).detach(), stats.norm.ppf(levels), rtol=1e-5)
    wide = other(QuantileShape)
    known = wide.quantiles().detach().numpy()
    middle = stats.norm.cdf((NORMAL[3] + NORMAL[4]) / 2)
    assert wide.at([middle])[0].item() == pytest.approx((known[3] + known[4]) / 2, rel=1e-5)


def test_student_t_is_the_distribution_of_variance_1():
    shape = other(StudentShape)
    df = shape._degrees().item()
    there = stats.t(df, scale=np.sqrt((df - 2) / df))
    assert there.var() == pytest.approx(1)
    np.testing.assert_allclose(shape.at([0.2, 0.9]).detach(), there.ppf([0.2, 0.9]), rtol=1e-6)
    loss = shape.losses(torch.tensor([[0.5, 0.3]]), torch.tensor([1.0])).item()
    moved = stats.t(df, 0.5, np.exp(0.3) * np.sqrt((df - 2) / df))
    assert loss == pytest.approx(-moved.logpdf(1.0), rel=1e-5)


def test_there_is_a_shape_of_each_kind_that_a_saved_model_may_have():
    assert tuple(FORECAST_SHAPES) == SHAPES
