"""Which linear model a series is found to have."""

import json

import numpy as np
import pytest

from ostinato import InputError
from ostinato.data.forecasting import _choice
from ostinato.data.forecasting._choice import choose_regression
from ostinato.data.forecasting._regression import Regression
from ostinato.data.forecasting._variance import choose_forgetting, first_variance, running_variance

NAN = np.nan
t = np.arange(240)
NOISE = np.random.default_rng(0).normal(size=240)
WAVE = 3 * np.sin(2 * np.pi * t / 12)


def chosen(values, seasons=(12,), covariates=None):
    covariates = np.zeros((len(values), 0), np.float32) if covariates is None else covariates
    return choose_regression(np.asarray(values, float), seasons, covariates)


class TestFound:
    def test_a_random_walk(self):
        _, model = chosen(np.cumsum(NOISE))
        assert model.errors[0].phi == 1
        assert model.errors[0].theta <= 0.2
        assert model.terms.seasons == ()

    def test_a_walk_whose_direction_lasts(self):
        changes = np.zeros(240)
        for step in range(1, 240):
            changes[step] = 0.8 * changes[step - 1] + NOISE[step]
        _, model = chosen(np.cumsum(changes))
        assert model.errors[0].phi == 1
        assert 0.6 <= model.errors[0].rho <= 0.9

    def test_white_noise(self):
        _, model = chosen(NOISE)
        assert abs(model.errors[0].phi - model.errors[0].theta) < 0.15 or model.errors[0].phi == 0
        assert model.terms.seasons == ()

    def test_a_season_and_a_trend(self):
        _, model = chosen(WAVE + 0.1 * t + NOISE)
        assert model.terms.seasons == (12,)
        assert model.terms.trend

    def test_a_season_that_grows(self):
        _, model = chosen((20 + 0.5 * t) * (1 + 0.1 * WAVE) + NOISE)
        assert model.terms.growth == pytest.approx(0.025, rel=0.1)

    def test_a_season_that_changes_its_shape(self):
        turning = np.sin(2 * np.pi * t / 12) * np.cos(t / 60) + np.cos(2 * np.pi * t / 12) * np.sin(t / 60)
        _, model = chosen(5 * turning + 0.2 * NOISE)
        assert model.drift > 0

    def test_a_season_that_stays_as_it_is(self):
        assert chosen(WAVE + NOISE)[1].drift == 0

    def test_an_autoregression(self):
        values = np.zeros(240)
        for step in range(1, 240):
            values[step] = 0.7 * values[step - 1] + NOISE[step]
        _, model = chosen(values)
        assert 0.5 <= model.errors[0].phi <= 0.9

    def test_what_a_covariate_explains(self):
        covariates = np.random.default_rng(1).normal(size=(240, 1)).astype(np.float32)
        values = 5 * covariates[:, 0] + NOISE
        with_it, _ = chosen(values, covariates=covariates)
        assert with_it > chosen(values)[0] + 100

    def test_logarithms_where_noise_grows_with_the_level(self):
        values = np.exp(3 + 0.01 * t + 0.2 * WAVE / 3 + 0.1 * NOISE)
        assert chosen(np.log(values))[0] - np.log(values).sum() > chosen(values)[0] + 10


@pytest.mark.parametrize(
    "values",
    [[1.0], [1.0, 2.0], [5.0] * 30, [0.0] * 30, [NAN, 3.0, NAN, NAN], [1e90, -1e90, 3.0], WAVE * 1e-90],
    ids=["one", "two", "constant", "zero", "holes", "huge", "tiny"],
)
def test_whatever_the_series(values):
    evidence, model = chosen(values)
    assert np.isfinite(evidence)
    again = Regression.from_json(json.loads(json.dumps(model.to_json(), allow_nan=False)), 0, 12)
    assert again == model


def test_units_do_not_matter():
    values = WAVE + NOISE
    evidence, model = chosen(values)
    larger, same = chosen(values * 1000)
    assert larger == pytest.approx(evidence - 240 * np.log(1000))
    assert (same.terms, same.errors) == (model.terms, model.errors)


def test_evidence_is_the_probability_of_the_values():
    """Up to a constant: of two series the ratio, by the Student-t distribution that it comes to."""
    rng = np.random.default_rng(0)
    X, penalties = rng.normal(size=(8, 2)), np.array([0.5, 2.0])
    covariance = np.eye(8) + X @ np.diag(1 / penalties) @ X.T

    def both(y):
        columns = np.column_stack([X, y])
        told = _choice._log_evidence(columns.T @ columns, 8, penalties)
        square = y @ np.linalg.solve(covariance, y)
        return told, -4 * np.log(square) - np.linalg.slogdet(covariance)[1] / 2

    (one, one_true), (other, other_true) = both(rng.normal(size=8)), both(rng.normal(size=8) * 3)
    assert one - other == pytest.approx(one_true - other_true)


class TestVariance:
    def test_a_running_mean(self):
        expected = running_variance(np.array([4.0, NAN, 1.0]), 1.0, 0.0)
        np.testing.assert_allclose(expected, [1, 2, 2, 1.75])

    def test_forgetting_is_a_least_weight(self):
        expected = running_variance(np.array([4.0, 1.0]), 1.0, 0.5)
        np.testing.assert_allclose(expected, [1, 2.5, 1.75])

    def test_never_nothing(self):
        assert (running_variance(np.zeros(9), 0.0, 0.0) > 0).all()

    @pytest.mark.parametrize(("squares", "variance"), [([], 1.0), ([NAN, 2.0, 4.0], 3.0)], ids=str)
    def test_the_first(self, squares, variance):
        assert first_variance(np.array(squares)) == variance

    def test_constant_noise_forgets_nothing(self):
        assert choose_forgetting(NOISE**2) == 0

    def test_noise_that_comes_in_storms_does(self):
        storms = np.repeat([1.0, 6.0, 0.5, 4.0], 60)
        assert choose_forgetting((storms * NOISE) ** 2) > 0

    def test_few_errors_forget_nothing(self):
        assert choose_forgetting(np.array([1.0, NAN, 9.0])) == 0


MODEL = chosen(WAVE + NOISE)[1].to_json()


@pytest.mark.parametrize(
    "change",
    [
        {"terms": None},
        {"terms": {**MODEL["terms"], "seasons": [99]}},
        {"terms": {**MODEL["terms"], "seasons": [2, 3, 4]}},
        {"terms": {**MODEL["terms"], "trend": 1}},
        {"terms": {**MODEL["terms"], "growth": 2.0}},
        {"terms": {**MODEL["terms"], "covariates": 1}},
        {"errors": []},
        {"errors": [[2.0, 0.0, 0.0]]},
        {"errors": [[0.5, 0.0]]},
        {"weights": [NAN]},
        {"weights": [0.3]},
        {"scale": 0.0},
        {"scale": NAN},
        {"centre": 10**400},
        {"variance": "1"},
        {"forgetting": 2},
        {"drift": -0.1},
        {"ridge": None},
    ],
    ids=str,
)
def test_anything_else_is_no_model(change):
    value = json.loads(json.dumps(MODEL))
    assert Regression.from_json(value, 0, 12)
    with pytest.raises(InputError, match="of a series' model are wrong"):
        Regression.from_json({**value, **change}, 0, 12)
