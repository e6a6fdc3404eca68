"""The naive forecasts, against calculations by hand and against the plainest loops."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ostinato.tasks._naive_forecasts import (
    Drift,
    LastValue,
    SeasonalNaive,
    last_present,
    naive_forecasts,
    steps_ahead,
)

NAN = np.nan
RULES = {"last value": LastValue(), "seasonal": SeasonalNaive(3), "drift": Drift()}
FINITE = st.floats(-1e6, 1e6)
SERIES = hnp.arrays(np.float64, st.integers(1, 25), elements=FINITE | st.just(NAN))


def points(rule, values, origin, horizon):
    return rule.points(np.array(values, float), np.array([origin]), horizon)[0].tolist()


def naive_point(rule, history, h):
    """What the rule says, by its definition."""
    there = np.flatnonzero(~np.isnan(history))
    if isinstance(rule, SeasonalNaive):
        at = len(history) - 1 + h
        while at >= len(history) or (at >= 0 and np.isnan(history[at])):
            at -= rule.season
        return history[at] if at >= 0 else NAN
    if not len(there):
        return NAN
    last = history[there[-1]]
    if isinstance(rule, LastValue):
        return last
    if len(there) == 1:
        return NAN
    slope = (last - history[there[0]]) / (there[-1] - there[0])
    return last + slope * (len(history) - 1 - there[-1] + h)


class TestByHand:
    @pytest.mark.parametrize(
        ("rule", "expected"),
        [("last value", [8, 8, 8, 8]), ("seasonal", [2, 4, 8, 2]), ("drift", [10, 12, 14, 16])],
        ids=list(RULES),
    )
    def test_points(self, rule, expected):
        assert points(RULES[rule], [0, 2, 1, 2, 4, 8], 6, 4) == pytest.approx(
            expected if rule != "drift" else [8 + 1.6 * h for h in (1, 2, 3, 4)]
        )

    @pytest.mark.parametrize(
        ("rule", "expected"),
        [("last value", [4, 4, 4]), ("seasonal", [2, 4, 1]), ("drift", [6, 7, 8])],
        ids=list(RULES),
    )
    def test_gaps_are_bridged(self, rule, expected):
        assert points(RULES[rule], [0, 9, 1, 2, 4, NAN], 6, 3) == pytest.approx(expected)

    def test_what_has_nothing_to_go_by_takes_the_last_value(self):
        values, origins = np.array([5.0, 7.0]), np.array([2])
        assert SeasonalNaive(4).forecast(values, origins, 5, [0.5]).points.tolist() == [[7, 7, 5, 7, 7]]

    def test_quantiles_are_those_of_past_errors_so_many_steps_ahead(self):
        values = np.array([0.0, 1, 3, 6, 10])  # of the last value: 1 2 3 4 one step, 3 5 7 two steps ahead
        quantiles = LastValue().forecast(values, np.array([5]), 2, [0.0, 0.5, 1.0]).quantiles[0]
        assert quantiles.tolist() == [[11, 12.5, 14], [13, 15, 17]]

    def test_steps_that_no_past_forecast_looked_at_are_as_uncertain_as_the_last_that_one_did(self):
        quantiles = LastValue().forecast(np.array([0.0, 1, 3]), np.array([3]), 4, [0.0, 1.0]).quantiles[0]
        assert quantiles.tolist() == [[4, 5], [6, 6], [6, 6], [6, 6]]

    def test_a_single_value_has_no_errors_yet(self):
        predicted = LastValue().forecast(np.array([3.0]), np.array([1]), 2, [0.1, 0.9])
        assert predicted.quantiles.tolist() == [[[3, 3], [3, 3]]]


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
class TestAgainstTheDefinition:
    @given(values=SERIES, horizon=st.integers(1, 8))
    @settings(max_examples=50, deadline=None)
    def test_points(self, rule, values, horizon):
        origins = np.arange(1, len(values) + 1)
        expected = [[naive_point(rule, values[:t], h + 1) for h in range(horizon)] for t in origins]
        np.testing.assert_allclose(rule.points(values, origins, horizon), expected, rtol=1e-9, atol=1e-6)

    @given(values=SERIES, horizon=st.integers(1, 8))
    @settings(max_examples=50, deadline=None)
    def test_quantiles(self, rule, values, horizon):
        levels, origin = [0.0, 0.3, 0.5, 1.0], len(values)
        predicted = rule.forecast(values, np.array([origin]), horizon, levels)
        before = np.zeros(len(levels))
        for h in range(1, horizon + 1):
            errors = [values[t + h - 1] - naive_point(rule, values[:t], h) for t in range(1, origin - h + 1)]
            there = [error for error in errors if not np.isnan(error)]
            before = np.quantile(there, levels) if there else before
            expected = predicted.points[0, h - 1] + before
            np.testing.assert_allclose(predicted.quantiles[0, h - 1], expected, rtol=1e-9, atol=1e-6)

    @given(values=SERIES, data=st.data())
    @settings(max_examples=50, deadline=None)
    def test_what_comes_later_changes_nothing(self, rule, values, data):
        origin = data.draw(st.integers(1, len(values)))
        other = np.concatenate([values[:origin], np.full(len(values) - origin, 7.0)])
        for series in (values[:origin], other):
            mine = rule.forecast(series, np.array([origin]), 4, [0.1, 0.9])
            yours = rule.forecast(values, np.array([origin]), 4, [0.1, 0.9])
            np.testing.assert_array_equal(mine.quantiles, yours.quantiles)

    def test_only_the_newest_errors_count(self, rule, monkeypatch):
        values = np.random.default_rng(0).normal(size=40)
        whole = rule.forecast(values, np.array([40]), 3, [0.1, 0.9])
        monkeypatch.setattr("ostinato.tasks._naive_forecasts._ERRORS", 10)
        few = rule.forecast(values, np.array([40]), 3, [0.1, 0.9])
        assert not np.allclose(whole.quantiles, few.quantiles)
        values[1:15] += 100.0  # the first value is drift's
        again = rule.forecast(values, np.array([40]), 3, [0.1, 0.9])
        np.testing.assert_array_equal(few.quantiles, again.quantiles)

    def test_many_origins_are_taken_in_parts(self, rule, monkeypatch):
        values, origins = np.random.default_rng(0).normal(size=30), np.arange(1, 31)
        whole = rule.forecast(values, origins, 3, [0.1, 0.9])
        monkeypatch.setattr("ostinato.tasks._naive_forecasts._AT_A_TIME", 7)
        parts = rule.forecast(values, origins, 3, [0.1, 0.9])
        for one, other in zip(whole, parts, strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("season", "kinds"), [(1, [LastValue, Drift]), (12, [LastValue, SeasonalNaive, Drift])]
)
def test_without_a_season_there_is_no_seasonal_rule(season, kinds):
    assert [type(rule) for rule in naive_forecasts(season)] == kinds


def test_last_present():
    assert last_present(np.array([NAN, 1, NAN, NAN, 2]))[1:].tolist() == [1, 1, 1, 2]


def test_steps_ahead():
    np.testing.assert_array_equal(
        steps_ahead(np.array([1.0, 2, 3]), np.array([0, 2, 3]), 2), [[1, 2], [3, NAN], [NAN, NAN]]
    )
