"""The forecaster, as its user meets it."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone

from ostinato import Forecaster, InputError
from ostinato.data import Frequency

from ..panels import STEP, panel, series, wave
from .rising import StopAt, weights

NAN = np.nan
LEVELS = (0.1, 0.5, 0.9)


def tiny(**parameters):
    small = {"horizon": 4, "hidden_size": 8, "epochs": 1, "batch_size": 16, "threads": 1}
    return Forecaster(**{**small, **parameters})


LEARNING = {"epochs": 6, "learning_rate": 0.01, "dropout": 0.0, "hidden_size": 16}
LONE = panel(wave(90))
MANY = panel(wave(60), wave(50, scale=1e6, seed=1), wave(40, scale=1e-6, seed=2))


@pytest.fixture(scope="module")
def lone():
    """Knows one series of 80 values, the last 8 of them held out; not to be changed."""
    return tiny(**LEARNING).fit(LONE.until([80]))


@pytest.fixture(scope="module")
def many():
    """Knows three series of very different scales; not to be changed."""
    return tiny(**LEARNING).fit(MANY)


@pytest.fixture(scope="module")
def covered():
    """Knows a series with known and past covariates, barely; not to be changed."""
    return tiny().fit(with_covariates(60))


@pytest.fixture(scope="module", autouse=True)
def short_epochs():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ostinato.tasks._forecast_objective._STEPS_PER_EPOCH", 20)
        yield


def with_covariates(T, ahead=4, seed=0, name=""):
    rng = np.random.default_rng(seed)
    known, past = rng.normal(size=(99, 2))[: T + ahead], rng.normal(size=(99, 1))[:T]
    return panel(series(wave(T) + known[:T, 0], name=name, known=known, past=past))


def changed(whole, **arrays):
    """A panel of one series some of whose arrays are others."""
    each = whole.series[0]
    return type(whole)(
        (type(each)(**{**each.__dict__, **arrays}),), whole.known_names, whole.past_names, whole.frequency
    )


class TestForecast:
    def test_one_series(self, lone):
        forecast = lone.forecast(levels=LEVELS)
        assert forecast.names == ("",)
        assert forecast.levels == LEVELS
        assert forecast.values[0].shape == (4, 3)
        assert forecast.times[0].astype("datetime64[M]").astype(str).tolist() == [
            "2006-09",
            "2006-10",
            "2006-11",
            "2006-12",
        ]
        np.testing.assert_array_equal(forecast.medians[0], forecast.values[0][:, 1])

    def test_quantiles_rise_at_whatever_levels(self, lone):
        levels = tuple(np.linspace(0.001, 0.999, 201))
        values = lone.forecast(levels=levels).values[0]
        assert (np.diff(values, axis=1) >= 0).all()

    def test_what_repeats_itself_is_learned(self, lone):
        figures = lone.evaluate(LONE)
        assert figures["skill"] > 0
        assert figures["model"]["mase"] < 1

    @pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
    @pytest.mark.parametrize("output", ["quantiles", "student-t"])
    def test_cells_and_outputs(self, cell, output):
        model = tiny(cell=cell, output=output, num_layers=2).fit(LONE)
        (values,) = model.forecast(levels=LEVELS).values
        assert np.isfinite(values).all()
        assert (np.diff(values, axis=1) > 0).all()

    def test_series_of_any_scale_together(self, many):
        forecast = many.forecast()
        for mine, values in zip(forecast.medians, MANY.values, strict=True):
            assert np.abs(mine - values[-6:].mean()).max() < 2 * np.ptp(values[-12:])

    def test_a_series_is_forecast_the_same_alone_and_in_company(self, many):
        together = many.forecast(MANY)
        for row, values in enumerate(together.values):
            np.testing.assert_allclose(many.forecast(MANY.take([row])).values[0], values, rtol=1e-5)

    def test_python_values(self):
        model = tiny().fit(wave(50))
        (median,) = model.predict()
        assert median.shape == (4,)
        assert model.forecast().times[0].tolist() == [51, 52, 53, 54]
        assert [each.shape for each in model.predict([wave(30), wave(40)])] == [(4,), (4,)]

    def test_what_is_not_told_is_the_series_of_training(self, lone):
        np.testing.assert_array_equal(lone.predict()[0], lone.predict(LONE.until([80]))[0])

    def test_series_that_begin_where_training_ended_go_on_from_it(self, lone):
        np.testing.assert_array_equal(lone.predict(LONE.since([80]))[0], lone.predict(LONE)[0])

    def test_holes(self):
        values = wave(70)
        values[[3, 10, 11, 40, 66]] = NAN
        model = tiny().fit(panel(values))
        assert np.isfinite(model.forecast().values[0]).all()

    def test_a_constant_series_among_others(self):
        model = tiny().fit(panel(wave(50), np.full(50, 3.0), np.zeros(50)))
        assert np.isfinite(model.forecast().values).all()

    def test_what_never_was_below_0_is_not_forecast_there(self):
        counts = np.random.default_rng(0).poisson(0.5, size=60).astype(float)
        assert tiny().fit(panel(counts)).forecast().values[0].min() == 0
        assert tiny().fit(panel(counts - 1)).forecast().values[0].min() < 0

    def test_the_known_future_is_looked_at(self):
        rng = np.random.default_rng(0)
        known = rng.integers(0, 2, 124).astype(float)
        promoted = panel(series(10 + 5 * known[:120] + 0.1 * rng.normal(size=120), known=known[:, None]))
        model = tiny(**LEARNING).fit(promoted)
        np.testing.assert_allclose(model.predict()[0], 10 + 5 * known[120:], atol=2.0)


class TestHonesty:
    @given(origin=st.integers(40, 60), seed=st.integers(0, 99))
    @settings(max_examples=15, deadline=None)
    def test_what_comes_after_the_origin_changes_nothing(self, covered, origin, seed):
        whole = with_covariates(64, ahead=0, name="unseen")
        other = np.random.default_rng(seed).normal(size=64) * 1e3
        later = np.arange(64) >= origin
        each = whole.series[0]
        values = np.where(later, other, each.values)
        past = np.where(later[:, None], other[:, None], each.past)
        mine, yours = (
            covered.backtest(changed(whole, values=v, past=p))
            for v, p in ((each.values, each.past), (values, past))
        )
        row = [times[0] for times in mine.times].index(each.times[origin])
        np.testing.assert_array_equal(mine.values[row], yours.values[row])

    def test_a_backtest_is_what_was_forecast_then(self, covered):
        whole = with_covariates(70, ahead=0)
        back = covered.backtest(whole, levels=LEVELS)
        for row in (0, len(back.names) - 1):
            origin = int(np.searchsorted(whole.times[0], back.times[row][0]))
            then = covered.forecast(whole.until([origin]), levels=LEVELS)
            np.testing.assert_allclose(back.values[row], then.values[0], rtol=1e-5)
            np.testing.assert_array_equal(back.times[row], then.times[0])
            np.testing.assert_array_equal(back.actual[row], whole.values[0][origin : origin + 4])

    def test_a_known_covariate_of_the_future_does_count(self, covered):
        whole = with_covariates(60)
        known = whole.known[0].copy()
        known[60:] += 1.0
        assert not np.array_equal(covered.predict(whole)[0], covered.predict(changed(whole, known=known))[0])


class TestEvaluate:
    def test_of_series_that_go_on_only_what_comes_after(self, lone):
        report = lone.evaluate(LONE)
        assert report["data"] == "what comes after training"
        assert report["sequences"] == 10 - 4 + 1
        assert report == lone.evaluate(LONE.since([80]))

    def test_of_the_series_of_training_only_what_was_held_out(self, lone):
        report = lone.evaluate(LONE.until([80]))
        assert report["data"] == "the end that was held out"
        assert report["sequences"] == 8 - 4 + 1
        assert report["model"] == pytest.approx(lone.metrics_["valid"])
        assert report["baselines"].keys() == {"last value", "seasonal naive", "drift"}

    def test_of_other_series_all(self, lone):
        report = lone.evaluate(panel(series(wave(40, seed=3), name="other")))
        assert report["data"] == "all of it"
        assert report["sequences"] > 20

    def test_what_was_learned_in_full(self):
        report = tiny().fit(LONE, validation=0).evaluate(LONE)
        assert report["data"] == "all of it, which the model was trained on"

    def test_validation_by_what_follows(self):
        model = tiny().fit(LONE.until([80]), validation=LONE.since([80]))
        assert model.metrics_["valid_sequences"] == 7
        assert model.evaluate(LONE)["data"] == "the end that was held out"
        assert model.forecast().times[0][0] == LONE.frequency.after(LONE.times[0][-1], 1)[0]

    @pytest.mark.parametrize(
        ("options", "sequences"),
        [({}, 7), ({"last": 5}, 2), ({"last": 4}, 1), ({"stride": 3}, 3), ({"last": 80}, 7)],
        ids=str,
    )
    def test_which_origins(self, lone, options, sequences):
        assert lone.evaluate(LONE, **options)["sequences"] == sequences
        assert len(lone.backtest(LONE, **options).names) == sequences

    def test_the_baseline_is_the_best_of_the_naive(self, lone):
        report = lone.evaluate(LONE)
        best = min(report["baselines"], key=lambda name: report["baselines"][name]["mase"])
        assert report["baseline_name"] == best
        assert report["baseline"] == report["baselines"][best]
        assert report["skill"] == 1 - report["model"]["mase"] / report["baseline"]["mase"]
        assert lone.score(LONE) == -report["model"]["mase"]

    def test_what_has_no_mase_has_no_score(self, lone):
        constant = changed(LONE, values=np.ones_like(LONE.values[0]))
        assert "mase" not in lone.evaluate(constant)["model"]
        with pytest.raises(InputError, match="has no MASE, and so no score"):
            lone.score(constant)

    def test_the_linear_models_alone(self, lone):
        assert lone.evaluate(LONE)["linear"].keys() == lone.evaluate(LONE)["model"].keys()

    def test_missing_values_are_not_scored(self, lone):
        values = LONE.values[0].copy()
        values[84:87] = NAN
        report = lone.evaluate(changed(LONE, values=values))
        assert np.isfinite(list(report["model"].values())).all()
        json.dumps(report, allow_nan=False)

    def test_figures_are_json(self, lone):
        json.dumps(lone.metrics_, allow_nan=False)


class TestEstimator:
    def test_the_same_seed_gives_the_same_model(self):
        one, other, another = (tiny(seed=seed).fit(LONE) for seed in (3, 3, 4))
        assert weights(one) == weights(other) != weights(another)

    def test_clone(self, lone):
        assert clone(lone).get_params() == lone.get_params()

    def test_saved_and_loaded(self, covered, tmp_path):
        covered.save(tmp_path / "model")
        again = Forecaster.load(tmp_path / "model")
        for mine, theirs in zip(covered.forecast().values, again.forecast().values, strict=True):
            np.testing.assert_array_equal(mine, theirs)
        assert again.evaluate(with_covariates(70)) == covered.evaluate(with_covariates(70))
        assert again.metrics_ == covered.metrics_

    def test_a_run_goes_on_where_it_was_broken_off(self, tmp_path):
        whole = tiny(epochs=2).fit(LONE, directory=tmp_path / "whole")
        broken = tiny(epochs=2)
        with pytest.raises(KeyboardInterrupt):
            broken.fit(LONE, directory=tmp_path / "broken", reporter=StopAt(30))
        broken.fit(LONE, directory=tmp_path / "broken", resume=True)
        assert weights(whole) == weights(broken)

    def test_nothing_learned_yet(self):
        with pytest.raises(ValueError, match="has learned nothing yet"):
            tiny().predict(LONE)


class TestBadInput:
    @pytest.mark.parametrize(
        ("X", "parameters", "message"),
        [
            (panel(wave(30)), {"horizon": 40}, "a horizon of 40 needs series of 80 values or more"),
            (panel(np.full(50, 7.0)), {}, "never change, they are all 7"),
            (panel(wave(50)), {"context": 60}, "context is 60"),
            (panel(wave(50)), {"season": 80}, "season"),
            (panel(wave(50)), {"horizon": 0}, "horizon is 0"),
            (panel(wave(50)), {"output": "normal"}, "output is 'normal'"),
            ([1.0, np.inf] * 20, {}, "infinite"),
            ([], {}, "no values"),
            (["a", "b"], {}, "numbers"),
        ],
        ids=[
            "horizon",
            "constant",
            "context",
            "season",
            "no horizon",
            "output",
            "infinite",
            "empty",
            "texts",
        ],
    )
    @pytest.mark.filterwarnings("ignore:series of")
    def test_in_training(self, X, parameters, message):
        with pytest.raises(InputError, match=message) as caught:
            tiny(**parameters).fit(X)
        assert "\n" not in str(caught.value)

    def test_targets(self):
        with pytest.raises(InputError, match="no y"):
            tiny().fit(wave(50), wave(50))

    @pytest.mark.parametrize(
        ("X", "message"),
        [
            (panel([1.0]), "a series needs .* has 1"),
            (panel(wave(40), frequency=Frequency("day")), "are 1 day long, .* were 1 month"),
            (panel(wave(40), frequency=STEP), "are 1 step long, .* were 1 month"),
            (panel(series(wave(40), known=np.ones((44, 1)))), "without the known covariate 'k'"),
            (panel(series(wave(40), past=np.ones((40, 1)))), "without the past covariate 'p'"),
        ],
        ids=["short", "another frequency", "no dates", "unknown known", "unknown past"],
    )
    def test_in_forecasting(self, lone, X, message):
        with pytest.raises(InputError, match=message):
            lone.forecast(X)

    def test_covariates_that_are_missing(self, covered):
        with pytest.raises(InputError, match="are missing: 'k', 'l'"):
            covered.forecast(panel(wave(40)))

    def test_a_future_that_is_not_known(self, covered):
        with pytest.raises(InputError, match=r"go on for the 4 steps .* the series for 3"):
            covered.forecast(with_covariates(40, ahead=3))

    def test_nothing_to_score(self, lone):
        with pytest.raises(InputError, match="nothing to score"):
            lone.evaluate(LONE, last=3)

    @pytest.mark.parametrize("levels", [(), (0.0, 0.5), (0.5, 0.5), (0.9, 0.1), (1.0,), "ab", 0.5, (NAN,)])
    def test_levels(self, lone, levels):
        with pytest.raises(InputError, match="levels are"):
            lone.forecast(levels=levels)

    @pytest.mark.parametrize("options", [{"last": 0}, {"stride": 0}, {"stride": 1.5}], ids=str)
    def test_origins(self, lone, options):
        with pytest.raises(InputError, match=r"last is|stride is"):
            lone.evaluate(LONE, **options)
