"""The linear model's pass over a series, against the whole distribution written down at once."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ostinato.data.forecasting._arma import Arma, innovations
from ostinato.data.forecasting._filter import log_evidence, run_filter
from ostinato.data.forecasting._regression import Regression
from ostinato.data.forecasting._terms import Terms

NAN = np.nan
ERRORS = [
    Arma(0.0, 0.0),
    Arma(1.0, 0.6),
    Arma(0.9, 0.3),
    Arma(-0.4, 0.0),
    Arma(1.0, 0.3, 0.7),
    Arma(0.9, 0.0, 0.5),
]
T, H = 14, 5


def regression(*errors, terms=None, weights=(1.0,), **numbers):
    """Its slope is free and its seasons small."""
    usual = {
        "ridge": 1.0,
        "slope": 2.0,
        "drift": 0.0,
        "forgetting": 0.0,
        "centre": 0.0,
        "scale": 1.0,
        "variance": 1.0,
    }
    return Regression(terms or Terms((4,), True, 1), errors=errors, weights=weights, **{**usual, **numbers})


def series(seed=0):
    rng = np.random.default_rng(seed)
    return 3 + np.cumsum(rng.normal(size=T)), rng.normal(size=(T + H, 1)).astype(np.float32)


def conditional(model, values, covariates):
    """Mean and variance of what follows given the values: y = Xβ + Ψe, all of it Gaussian."""
    n = T + H
    X = model.terms.rows(np.arange(n), covariates)
    psi = model.errors[0].weights(n)
    moving = np.array([[psi[i - j] if i >= j else 0.0 for j in range(n)] for i in range(n)])
    covariance = X @ np.diag(1 / model.penalties) @ X.T + moving @ moving.T
    gain = np.linalg.solve(covariance[:T, :T], covariance[:T, T:]).T
    return gain @ values, np.diag(covariance[T:, T:] - gain @ covariance[:T, T:])


@pytest.mark.parametrize("errors", ERRORS, ids=str)
class TestOracle:
    def test_forecasts_are_those_of_the_joint_distribution(self, errors):
        model, (values, covariates) = regression(errors), series()
        filtered = run_filter(model, values, covariates, np.array([T]), H)
        mean, variance = conditional(model, values, covariates)
        np.testing.assert_allclose(filtered.means[0], mean, rtol=1e-4, atol=1e-4)
        spreads = filtered.spreads[0] / filtered.deviations[T]
        np.testing.assert_allclose(spreads, np.sqrt(variance), rtol=1e-4)

    def test_surprises_are_the_errors_of_the_forecasts_one_step_ahead(self, errors):
        model, (values, covariates) = regression(errors), series()
        filtered = run_filter(model, values, covariates, np.arange(T), 1)
        expected = (values - filtered.means[:, 0]) / filtered.spreads[:, 0]
        np.testing.assert_allclose(filtered.surprises[2:], expected[2:], rtol=1e-6)
        assert (filtered.surprises[:2] == 0).all()  # they only tell the constant and the trend

    def test_units_do_not_matter(self, errors):
        values, covariates = series()
        small = run_filter(regression(errors), values, covariates, np.array([T]), H)
        model = regression(errors, centre=5.0, scale=100.0)
        large = run_filter(model, values * 100 + 5, covariates, np.array([T]), H)
        np.testing.assert_allclose(large.means, small.means * 100 + 5, rtol=1e-9)
        np.testing.assert_allclose(large.spreads, small.spreads * 100, rtol=1e-9)
        np.testing.assert_allclose(large.surprises, small.surprises, atol=1e-9)

    @given(origin=st.integers(2, T), seed=st.integers(0, 99))
    @settings(max_examples=20, deadline=None)
    def test_what_comes_after_the_origin_changes_nothing(self, errors, origin, seed):
        model, (values, covariates) = regression(errors), series()
        other = np.where(np.arange(T) < origin, values, series(seed)[0] * 99)
        mine, yours = (run_filter(model, v, covariates, np.array([origin]), H, 4) for v in (values, other))
        np.testing.assert_array_equal(mine.means, yours.means)
        np.testing.assert_array_equal(mine.spreads, yours.spreads)
        np.testing.assert_array_equal(mine.rests, yours.rests)
        np.testing.assert_array_equal(mine.deviations[: origin + 1], yours.deviations[: origin + 1])


def drifting(model, covariates):
    """The covariance of values whose coefficients go on as random walks, errors being white."""
    n = T + H
    X = model.terms.rows(np.arange(n), covariates)
    steps = np.minimum.outer(np.arange(n), np.arange(n))
    return X @ np.diag(1 / model.penalties) @ X.T + (X * model.drifts) @ X.T * steps + np.eye(n)


def test_coefficients_that_drift_are_those_of_the_joint_distribution():
    model, (values, covariates) = regression(ERRORS[0], drift=0.5), series()
    covariance = drifting(model, covariates)
    gain = np.linalg.solve(covariance[:T, :T], covariance[:T, T:]).T
    filtered = run_filter(model, values, covariates, np.array([T]), H)
    np.testing.assert_allclose(filtered.means[0], gain @ values, rtol=1e-4)
    variance = np.diag(covariance[T:, T:] - gain @ covariance[:T, T:])
    np.testing.assert_allclose(filtered.spreads[0] / filtered.deviations[T], np.sqrt(variance), rtol=1e-4)


def test_evidence_is_the_probability_of_the_values_under_a_drift():
    """Of those after the first two: the ratio of two models, with the errors' variance integrated out."""
    values, covariates = series()

    def both(drift):
        model = regression(ERRORS[0], drift=drift)
        L = np.linalg.cholesky(drifting(model, covariates)[:T, :T])
        logs, squares = 2 * np.log(np.diag(L))[2:], (np.linalg.solve(L, values) ** 2)[2:]
        true = -(logs.sum() + (T - 2) * np.log(squares.sum())) / 2
        return log_evidence(model, ERRORS[0], values, covariates), true

    (one, one_true), (other, other_true) = both(0.0), both(0.5)
    assert one - other == pytest.approx(one_true - other_true, abs=1e-4)


def test_missing_values_are_passed_over():
    values, covariates = series()
    values[[4, 9]] = NAN
    filtered = run_filter(regression(ERRORS[0]), values, covariates, np.array([T]), H)
    kept = np.delete(np.arange(T + H), [4, 9])
    X = Terms((4,), True, 1).rows(np.arange(T + H), covariates)
    P = np.linalg.inv(X[kept[:12]].T @ X[kept[:12]] + np.diag(regression().penalties))
    mean = X[T:] @ P @ X[kept[:12]].T @ values[kept[:12]]
    np.testing.assert_allclose(filtered.means[0], mean, rtol=1e-4)
    assert filtered.surprises[4] == filtered.surprises[9] == 0
    assert np.isnan(filtered.squares[[4, 9]]).all()


def test_several_models_of_the_errors_are_mixed():
    values, covariates = series()
    parts = [run_filter(regression(each), values, covariates, np.array([T]), H) for each in ERRORS[:2]]
    mixed = run_filter(regression(*ERRORS[:2], weights=(0.75, 0.25)), values, covariates, np.array([T]), H)
    means = 0.75 * parts[0].means + 0.25 * parts[1].means
    np.testing.assert_allclose(mixed.means, means)
    same = [each.spreads**2 / each.deviations[T] ** 2 * parts[0].deviations[T] ** 2 for each in parts]
    variance = sum(
        w * (v + (part.means - means) ** 2) for w, v, part in zip((0.75, 0.25), same, parts, strict=True)
    )
    np.testing.assert_allclose(mixed.spreads, np.sqrt(variance))


def test_rests_are_what_the_regression_leaves():
    values, covariates = np.arange(10.0), np.zeros((12, 0), np.float32)
    model = regression(ERRORS[0], terms=Terms((), True, 0), slope=1e6)
    filtered = run_filter(model, values, covariates, np.array([2, 10]), 2, context=3)
    assert np.isnan(filtered.rests[0, 0])
    np.testing.assert_allclose(
        filtered.rests * filtered.deviations[[2, 10], None], [[NAN, 0, 0], [0, 0, 0]], atol=1e-4
    )


class TestErrors:
    @pytest.mark.parametrize("errors", ERRORS, ids=str)
    def test_innovations_make_the_series(self, errors):
        columns = np.random.default_rng(0).normal(size=(9, 3))
        e = innovations(columns, np.ones(9, bool), [errors])[:, 0]
        psi = errors.weights(9)
        again = [sum(psi[t - j] * e[j] for j in range(t + 1)) for t in range(9)]
        np.testing.assert_allclose(again, columns)

    def test_many_models_at_once(self):
        columns, observed = np.random.default_rng(0).normal(size=(9, 3)), np.arange(9) % 3 != 1
        e = innovations(columns, observed, ERRORS)
        for row, errors in enumerate(ERRORS):
            np.testing.assert_array_equal(e[:, row], innovations(columns, observed, [errors])[:, 0])
        assert (e[1] == 0).all()


class TestTerms:
    def test_columns_by_hand(self):
        rows = Terms((4,), True, 1).rows(np.array([0, 1, 6]), np.array([[7.0], [8], [9]], np.float32))
        np.testing.assert_allclose(
            rows,
            [[1, 0, 1, 1, 0, 7], [1, 1, -1, 0, 1, 8], [1, 6, 1, -1, 0, 9]],
            atol=1e-12,
        )

    def test_seasons_that_grow(self):
        still, growing = (Terms((3,), False, 0, growth) for growth in (0.0, 0.5))
        steps, nothing = np.array([0, 4]), np.zeros((2, 0), np.float32)
        seasonal = still.rows(steps, nothing)[:, 1:]
        np.testing.assert_allclose(growing.rows(steps, nothing)[:, 1:], seasonal * [[1], [3]])

    def test_a_frequency_is_there_once(self):
        assert len(Terms((24, 168), False, 0).waves) == 84
        rows = Terms((4, 6), True, 0).rows(np.arange(24), np.zeros((24, 0), np.float32))
        assert np.linalg.matrix_rank(rows) == rows.shape[1] == 2 + 3 + 4

    def test_only_seasons_drift(self):
        drifts = Terms((4,), True, 2).drifts(0.3)
        np.testing.assert_allclose(drifts, np.array([0, 0, 0.09, 0.0225, 0.09, 0, 0])[[0, 1, 3, 2, 4, 5, 6]])

    @pytest.mark.parametrize("seasons", [(), (2,), (7,), (12, 5)], ids=str)
    @pytest.mark.parametrize("trend", [True, False])
    def test_each_column_has_its_penalty(self, seasons, trend):
        terms = Terms(seasons, trend, 2)
        rows = terms.rows(np.arange(5), np.zeros((5, 2), np.float32))
        assert terms.penalties(0.5, 0.1).shape == (rows.shape[1],)
        assert (terms.penalties(0.5, 0.1) > 0).all()
