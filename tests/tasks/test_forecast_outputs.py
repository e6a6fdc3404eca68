"""What a forecasting network's outputs mean."""

import numpy as np
import pytest
import torch
from scipy import stats

from ostinato import InputError
from ostinato.tasks import _forecast_outputs
from ostinato.tasks._forecast_figures import pinball
from ostinato.tasks._forecast_outputs import (
    FORECAST_OUTPUTS,
    Quantiles,
    StudentT,
    forecast_outputs,
    outputs_from_json,
)

TRAINED = _forecast_outputs._LEVELS


def random(kind, *shape):
    generator = torch.Generator().manual_seed(0)
    return torch.randn(*shape, kind.outputs, generator=generator)


@pytest.mark.parametrize("name", FORECAST_OUTPUTS)
class TestEachKind:
    def test_quantiles_rise(self, name):
        outputs = forecast_outputs(name)
        levels = np.linspace(0.0001, 0.9999, 301)
        quantiles = outputs.quantiles(random(outputs, 3, 4).numpy(), levels)
        assert quantiles.shape == (3, 4, 301)
        assert (np.diff(quantiles, axis=-1) >= 0).all()

    def test_the_loss_is_least_for_what_the_values_were_drawn_from(self, name):
        outputs = forecast_outputs(name)
        values = torch.randn(4000, generator=torch.Generator().manual_seed(1))
        told = torch.zeros(outputs.outputs, requires_grad=True)
        optimiser = torch.optim.Adam([told], lr=0.05)
        for _ in range(300):
            optimiser.zero_grad()
            outputs.losses(told.expand(4000, -1), values).mean().backward()
            optimiser.step()
        quantiles = outputs.quantiles(told.detach().numpy(), [0.1, 0.5, 0.9])
        np.testing.assert_allclose(quantiles, [-1.28, 0.0, 1.28], atol=0.08)

    def test_gradients(self, name):
        outputs = forecast_outputs(name)
        told = random(outputs, 5).double().requires_grad_()
        values = torch.linspace(-2, 2, 5, dtype=torch.float64)
        assert torch.autograd.gradcheck(lambda x: outputs.losses(x, values), told)

    def test_json(self, name):
        assert outputs_from_json(forecast_outputs(name).to_json()).kind == name


class TestQuantiles:
    def test_at_the_trained_levels_they_are_what_was_trained(self):
        outputs = Quantiles()
        told = random(outputs, 6)
        quantiles = outputs.quantiles(told.numpy(), TRAINED)
        values = torch.linspace(-3, 3, 6)
        expected = pinball(values.numpy(), quantiles, TRAINED)
        np.testing.assert_allclose(outputs.losses(told, values), expected, rtol=1e-5)
        np.testing.assert_allclose(quantiles[:, TRAINED.index(0.5)], told[:, TRAINED.index(0.5)])

    def test_between_and_beyond_them_they_are_those_of_normal_distributions(self):
        normal = np.log(np.expm1(np.diff(stats.norm.ppf(TRAINED))))  # softplus's inverse
        told = np.insert(normal, TRAINED.index(0.5), 0.0).astype(np.float32)
        levels = [0.001, 0.03, 0.45, 0.77, 0.999]
        np.testing.assert_allclose(Quantiles().quantiles(told, levels), stats.norm.ppf(levels), atol=1e-5)


def test_student_t_is_the_distribution():
    outputs, told = StudentT(), random(StudentT(), 4)
    loc, scale, df = _forecast_outputs._location_scale_df(told.double())
    there = stats.t(df.numpy(), loc.numpy(), scale.numpy())
    assert (df > 2).all()
    np.testing.assert_allclose(outputs.losses(told, torch.ones(4)), -there.logpdf(1.0), rtol=1e-5)
    quantiles = outputs.quantiles(told.numpy(), [0.2, 0.9])
    np.testing.assert_allclose(quantiles.T, [there.ppf(0.2), there.ppf(0.9)], rtol=1e-6)


@pytest.mark.parametrize("value", [None, [], {}, {"kind": "normal"}, {"kind": []}], ids=str)
def test_anything_else(value):
    with pytest.raises(InputError, match="the `kind` of a forecast"):
        outputs_from_json(value)
