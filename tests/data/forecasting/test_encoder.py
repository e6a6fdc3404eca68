"""From panels to windows."""

import json

import numpy as np
import pytest

from ostinato import InputError
from ostinato.data import Frequency
from ostinato.data.forecasting._encoder import ForecastEncoder, transformed
from ostinato.data.forecasting._stretch import Stretch

from ...panels import STEP, panel, series, wave

NAN = np.nan
COVERED = panel(series(wave(40), known=np.arange(90.0).reshape(45, 2), past=np.ones((40, 1))))


def learned(some, horizon=4, context=None, season=None):
    return ForecastEncoder.learn(some, {"horizon": horizon, "context": context, "season": season})


def months(T, period=12, seed=0):
    return wave(T, period=period, seed=seed)


class TestSeasons:
    def test_found_in_half_of_the_series_or_more(self):
        noise = np.random.default_rng(0).normal(size=(4, 96)) + 50
        assert learned(panel(months(96), noise[0])).seasons == (12,)
        assert learned(panel(months(96), *noise)).seasons == ()

    @pytest.mark.parametrize(("given", "seasons"), [(1, ()), (5, (5,))])
    def test_given(self, given, seasons):
        assert learned(panel(months(96)), season=given).seasons == seasons

    def test_one_that_there_is_no_room_for(self):
        with pytest.raises(
            InputError, match="season is 60: the longest series has 56 steps before a horizon"
        ):
            learned(panel(months(60)), season=60)


class TestContext:
    @pytest.mark.parametrize(
        ("horizon", "season", "context"),
        [(4, 1, 24), (30, 1, 60), (4, 40, 40), (4, 100, 64), (100, 1, 128)],
        ids=["least", "two horizons", "a season", "a long season", "most"],
    )
    def test_without_being_told(self, horizon, season, context):
        assert learned(panel(months(300)), horizon, season=season).context == context

    def test_no_more_than_there_is(self):
        assert learned(panel(months(20)), season=1).context == 16

    def test_told_too_long(self):
        with pytest.raises(
            InputError, match="context is 17: the longest series has 16 steps before a horizon"
        ):
            learned(panel(months(20)), context=17)


class TestLogarithm:
    def test_where_the_season_grows_with_the_level(self):
        t = np.arange(96)
        grown = np.exp(
            0.02 * t + 0.3 * np.sin(2 * np.pi * t / 12) + 0.05 * np.random.default_rng(0).normal(size=96)
        )
        assert learned(panel(grown)).log
        assert not learned(panel(grown - 2)).log

    def test_not_where_it_does_not(self):
        assert not learned(panel(months(96))).log

    def test_values_that_have_none_are_missing(self):
        np.testing.assert_array_equal(transformed(np.array([1.0, 0.0, -1.0, NAN]), True), [0, NAN, NAN, NAN])


class TestWindows:
    def test_origins(self):
        encoder = learned(panel(months(30), months(20)), season=3)
        windows = encoder.windows(Stretch(panel(months(30), months(9)), np.array([20, 0]), stride=3))
        assert windows.series.tolist() == [0] * 4 + [1] * 2  # of the second one, 3 values are too few
        assert windows.origins.tolist() == [20, 23, 26, 29, 4, 7]
        assert windows.complete.tolist() == [True, True, True, False, True, False]
        assert windows.whole().origins.tolist() == [20, 23, 26, 4]

    def test_shapes_are_as_told(self):
        encoder = learned(COVERED, season=3)
        windows = encoder.windows(Stretch.whole(COVERED))
        N = len(windows)
        assert windows.history.shape == (N, encoder.context, encoder.history_size)
        assert windows.future.shape == (N, 4, encoder.future_size)
        assert np.isfinite(windows.history).all()
        assert np.isfinite(windows.future).all()

    def test_targets_are_what_came_in_units_of_the_forecast(self):
        encoder = learned(panel(months(60)), season=12)
        windows = encoder.windows(Stretch(panel(months(60)), np.array([50])))
        again = windows.values(windows.targets[..., None].astype(float))[..., 0]
        values = np.append(months(60), [NAN] * 4)
        expected = values[windows.origins[:, None] + np.arange(4)]
        np.testing.assert_allclose(again, expected, rtol=1e-5)

    def test_values_are_exponentials_where_logarithms_are_modelled(self):
        encoder = learned(panel(np.exp(months(60) * 3)), season=12)
        windows = encoder.ahead(panel(np.exp(months(60) * 3)))
        assert windows.log.all()
        np.testing.assert_allclose(windows.values(np.zeros((1, 4, 1)))[..., 0], np.exp(windows.means))
        assert np.isfinite(windows.values(np.full((1, 4, 1), 1e9))).all()

    def test_what_is_learned_from_has_two_seasons_or_half_of_the_series_before_it(self):
        encoder = learned(panel(months(60), months(16)), season=12)
        stretch = encoder.training(panel(months(60), months(16), months(9)))
        assert stretch.begins.tolist() == [26, 8, 4]
        assert stretch.stride == 1

    def test_of_many_windows_some(self, monkeypatch):
        monkeypatch.setattr("ostinato.data.forecasting._encoder._WINDOWS", 20)
        assert learned(panel(months(90)), season=1).training(panel(months(90))).stride == 4

    def test_in_which_nothing_came_are_left_out(self):
        values = months(30)
        values[22:29] = NAN
        encoder = learned(panel(values), season=3)
        windows = encoder.windows(Stretch(panel(values), np.array([20])))
        assert windows.origins.tolist() == [20, 21, 26, 27, 28, 29]

    def test_none(self):
        encoder = learned(panel(months(60)), season=12)
        with pytest.raises(InputError, match="no series has 13 values and more after them"):
            encoder.windows(Stretch.whole(panel(months(13))))

    def test_a_series_that_training_had_keeps_its_model(self):
        encoder = learned(panel(months(60)), season=12)
        same, other = panel(months(70)), panel(months(70, seed=5))
        model = encoder.learned[""].model
        assert encoder._track(same, 0, 30, held_out=False).model is model
        assert encoder._track(other, 0, 30, held_out=False).model != model

    def test_what_was_held_out_is_scored_by_a_model_that_does_not_know_it(self):
        encoder = learned(panel(months(40)), season=12)
        again = encoder.relearned(panel(np.append(months(40), 50 + 9 * months(20))))
        assert again.learned[""].early == encoder.learned[""].model
        assert again.learned[""].model != encoder.learned[""].model
        windows = [
            each.windows(Stretch(panel(months(50)), np.array([45]), held_out=True))
            for each in (encoder, again)
        ]
        np.testing.assert_array_equal(windows[0].means, windows[1].means)

    def test_a_series_with_nothing_above_0_where_all_was(self):
        encoder = learned(panel(np.exp(months(60) * 3)), season=12)
        with pytest.raises(InputError, match="no values above 0, as all those of training were, before step"):
            encoder.ahead(panel(-months(60)))


@pytest.mark.parametrize("some", [COVERED, panel(wave(40), frequency=STEP)], ids=["covariates", "steps"])
def test_json(some):
    encoder = learned(some)
    value = json.loads(json.dumps(encoder.to_json(), allow_nan=False))
    again = ForecastEncoder.from_json(value, 4)
    assert again.to_json() == encoder.to_json()
    for mine, theirs in zip(
        vars(encoder.windows(Stretch.whole(some))).values(),
        vars(again.windows(Stretch.whole(some))).values(),
        strict=True,
    ):
        np.testing.assert_array_equal(mine, theirs)


def test_the_calendar_goes_on():
    daily = panel(wave(40), frequency=Frequency("day"))
    encoder = learned(daily, season=1)
    track = encoder._track(daily, 0, 20, held_out=False)
    assert track.known.shape == (44, 6)  # day of the week, of the month, of the year
    np.testing.assert_allclose(track.known[7:, :2], track.known[:-7, :2], atol=1e-5)
