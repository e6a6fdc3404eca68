"""Figures of forecasts, against calculations by hand."""

import numpy as np
import pytest

from ostinato.tasks._forecast_figures import LEVELS, Truth, forecast_figures, pinball, seasonal_errors
from ostinato.tasks._naive_forecasts import Predicted

NAN = np.nan


def truth(values, absolute=1.0, square=1.0):
    values = np.array(values, float)
    return Truth(values, np.full(len(values), absolute), np.full(len(values), square))


def predicted(points, low=0.0, high=0.0):
    """Points, and between low and high below and above them the levels, equally far apart."""
    points = np.array(points, float)
    return Predicted(points, points[..., None] + np.linspace(low, high, len(LEVELS)))


def test_by_hand():
    values, points = [[3.0, 5.0], [1.0, 4.0]], [[2.0, 7.0], [1.0, 1.0]]
    figures = forecast_figures(truth(values, absolute=2.0, square=9.0), predicted(points))
    assert figures["mase"] == pytest.approx((1 + 2 + 0 + 3) / 4 / 2)
    assert figures["rmsse"] == pytest.approx((np.sqrt(5 / 2) + np.sqrt(9 / 2)) / 2 / 3)
    assert figures["pinball"] == pytest.approx((1 + 2 + 0 + 3) / 4 / 2)  # symmetric levels: half the error


def test_each_window_has_its_own_scale():
    figures = forecast_figures(
        Truth(np.array([[1.0], [10.0]]), np.array([1.0, 10.0]), np.array([1.0, 100.0])),
        predicted([[0.0], [0.0]]),
    )
    assert figures["mase"] == figures["rmsse"] == 1.0


def test_coverage_counts_the_ends_of_the_interval():
    figures = forecast_figures(truth([[-1.0, 1.0, 1.1, 0.0]]), predicted([[0.0] * 4], -1.0, 1.0))
    assert figures["coverage"] == 0.75


def test_missing_values_are_not_scored():
    whole = forecast_figures(truth([[1.0, 2.0], [4.0, 3.0]]), predicted([[0.0, 1.0], [2.0, 2.0]], -1, 1))
    holes = forecast_figures(
        truth([[1.0, 2.0, NAN], [4.0, 3.0, NAN], [NAN] * 3]),
        predicted([[0.0, 1.0, 9.0], [2.0, 2.0, 9.0], [9.0] * 3], -1, 1),
    )
    assert holes == pytest.approx(whole)


def test_a_constant_history_has_no_scale():
    figures = forecast_figures(
        Truth(np.array([[1.0], [5.0]]), np.array([0.0, 2.0]), np.array([0.0, 4.0])), predicted([[0.0], [1.0]])
    )
    assert figures["mase"] == figures["rmsse"] == 2.0
    constant = forecast_figures(truth([[1.0]], 0.0, 0.0), predicted([[1.0]]))
    assert constant.keys() == {"pinball", "coverage"}


@pytest.mark.parametrize(("value", "expected"), [(3.0, 0.9 * 2), (0.0, 0.1 * 1)], ids=["above", "below"])
def test_pinball_by_hand(value, expected):
    assert pinball(np.array([value]), np.array([[1.0]]), [0.9])[0] == pytest.approx(expected)


def test_the_true_quantiles_have_the_least_pinball_loss():
    values = np.random.default_rng(0).normal(size=20_000)
    right = np.quantile(values, LEVELS)
    losses = [pinball(values, right + shift, LEVELS).mean() for shift in (-0.1, 0.0, 0.1)]
    assert losses[1] == min(losses)


class TestSeasonalErrors:
    def test_by_hand(self):
        absolute, square = seasonal_errors(np.array([1.0, 5, 2, 9, 5]), np.array([2, 3, 4, 5]), 2)
        np.testing.assert_allclose(absolute, [NAN, 1, 2.5, 8 / 3])
        np.testing.assert_allclose(square, [NAN, 1, 8.5, 26 / 3])

    def test_gaps_are_left_out(self):
        absolute, square = seasonal_errors(np.array([1.0, NAN, 2, 4]), np.array([2, 4]), 1)
        np.testing.assert_allclose(absolute, [NAN, 2])
        np.testing.assert_allclose(square, [NAN, 4])

    @pytest.mark.parametrize("origin", [1, 2, 3])
    def test_a_series_shorter_than_the_season_has_none(self, origin):
        assert np.isnan(seasonal_errors(np.arange(3.0), np.array([origin]), 5)).all()
