"""A saved forecaster without torch: the forecasts of the one that was saved."""

import json

import numpy as np
import pytest

from ostinato import InputError, runtime
from ostinato.data import Frequency

from ..panels import STEP, panel, series, wave
from .forecasters import H, covered, fitted

NAN = np.nan
LEVELS = (0.03, 0.5, 0.9)
LOG = {"output": "student-t", "cell": "lstm", "num_layers": 2}


def saved(model, directory):
    model.save(directory)
    return runtime.load(directory)


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """By name: the whole series, how much of it was for training, the estimator, and the runtime's."""
    holes = wave(60)
    holes[[20, 21, 40]] = NAN
    below = wave(70) - 10.5
    day = Frequency("business day", weekdays=WORKING_WEEK)
    makers = {
        "log": (panel(wave(90)), [70], LOG),
        "covariates": (covered(90), [60], {}),
        "holes": (panel(holes), [45], {"cell": "rnn", "season": 1}),
        "many": (panel(wave(60), wave(50, scale=1e6, seed=1)), [50, 40], {}),
        "below-0": (panel(series(below, frequency=day, begin="2001-01-01"), frequency=day), [50], {}),
        "numbered": (panel(wave(60), frequency=STEP), [50], {"season": 24, "context": 5}),
    }
    directory = tmp_path_factory.mktemp("models")
    made = {}
    for name, (whole, lengths, parameters) in makers.items():
        model = fitted(trained_on(whole, lengths), **parameters)
        made[name] = whole, lengths, model, saved(model, directory / name)
    return made


WORKING_WEEK = "1111100"
NAMES = ["log", "covariates", "holes", "many", "below-0", "numbered"]


def trained_on(whole, lengths):
    """What is known ahead is known for the horizon only."""
    some = whole.until(lengths)
    if not whole.known_names:
        return type(whole)(tuple(map(without_ahead, some.series)), frequency=whole.frequency)
    (each,) = some.series
    T = len(each) + H
    each = type(each)(each.name, each.times[:T], each.values, each.known[:T], each.past, each.gaps)
    return type(whole)((each,), whole.known_names, whole.past_names, whole.frequency)


def without_ahead(each):
    T = len(each)
    return type(each)(each.name, each.times[:T], each.values, each.known[:T], each.past, each.gaps)


def assert_same(mine, theirs):
    assert mine.names == theirs.names
    assert mine.levels == theirs.levels
    for a, b in zip(mine.times, theirs.times, strict=True):
        np.testing.assert_array_equal(a, b)
    for a, b in zip((*mine.values, *mine.medians), (*theirs.values, *theirs.medians), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5 * np.abs(b).max())


@pytest.mark.parametrize("name", NAMES)
def test_forecasts_are_the_estimators(models, name):
    whole, _, theirs, mine = models[name]
    assert_same(mine.forecast(levels=LEVELS), theirs.forecast(levels=LEVELS))
    ahead = whole if not whole.known_names else covered(70)
    assert_same(mine.forecast(ahead), theirs.forecast(ahead))
    np.testing.assert_allclose(mine.predict(ahead), theirs.predict(ahead), rtol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_after_each_push_the_forecast_is_that_of_the_longer_series(models, name):
    whole, lengths, theirs, mine = models[name]
    stepper = mine.stepper(series=whole.names[0], levels=LEVELS)
    state = stepper.begin(1)
    for t in range(lengths[0], len(whole.series[0])):
        (forecast,), state = stepper.step([observation(whole, t)], state)
        if t % 3 == 0 or t == lengths[0]:
            expected = theirs.forecast(trained_on(whole.take([0]), [t + 1]), levels=LEVELS)
            assert_same(forecast, expected)


def observation(whole, t):
    value = float(whole.values[0][t])
    if not whole.known_names:
        return None if np.isnan(value) else value
    begin = t + H
    known = whole.known[0][begin : begin + 1] if t + H < len(whole.known[0]) else whole.known[0][:1]
    return {
        "value": value,
        "known": dict(zip(whole.known_names, known.T.tolist(), strict=True)),
        "past": dict(zip(whole.past_names, whole.past[0][t].tolist(), strict=True)),
    }


class TestStream:
    def test_many_sessions_of_several_series_each_as_alone(self, models):
        whole, _, _, model = models["many"]
        streams = model.streams(2, series="s0")
        streams.join(series="s1")
        alone = [model.stream(series=name) for name in ("s0", "s0", "s1")]
        for t, sessions in enumerate([[0, 1, 2], [2, 0], [1], [1, 2, 0]]):
            values = [float(whole.values[session == 2][t] * (1 + session)) for session in sessions]
            together = streams.push(sessions, values)
            for session, value, forecast in zip(sessions, values, together, strict=True):
                expected = alone[session].push(value)
                assert forecast.names == expected.names
                np.testing.assert_array_equal(forecast.values, expected.values)

    @pytest.mark.parametrize("name", NAMES)
    def test_it_goes_on_from_what_was_saved(self, models, name):
        whole, lengths, _, model = models[name]
        one, other = (model.stream(series=whole.names[0]) for _ in range(2))
        T = lengths[0]
        one.push(observation(whole, T))
        other.restore(one.save())
        first, second = (stream.push(observation(whole, T + 1)) for stream in (one, other))
        np.testing.assert_array_equal(first.values, second.values)
        one.reset()
        np.testing.assert_array_equal(
            one.push(observation(whole, T)).values,
            model.stream(series=whole.names[0]).push(observation(whole, T)).values,
        )

    def test_covariates_may_be_known_for_longer(self, models):
        whole, (T,), _, model = models["covariates"]
        usual, early = model.stream(), model.stream()
        steps = [observation(whole, t) for t in range(T, T + 2)]
        ahead = {name: [s["known"][name][0] for s in steps] for name in whole.known_names}
        with pytest.raises(InputError, match="known covariates are given for 2 more steps; give 1 to 1"):
            early.push({**steps[0], "known": ahead})
        with pytest.raises(InputError, match="known covariates are given for 0 more steps; give 1 to 1"):
            early.push({name: part for name, part in steps[0].items() if name != "known"})
        np.testing.assert_array_equal(usual.push(steps[0]).values, early.push(steps[0]).values)

    def test_forecasts_as_json(self, models):
        whole, (T, _), _, model = models["many"]
        stream = model.stream(series="s0", levels=(0.1, 0.9))
        forecast = stream.push(float(whole.values[0][T]))
        told = json.loads(json.dumps(stream.told(forecast), allow_nan=False))
        assert told["series"] == "s0"
        assert told["times"] == ["2004-04", "2004-05", "2004-06", "2004-07"]
        assert told["quantiles"]["0.9"] == forecast.values[0][:, 1].tolist()
        assert told["medians"] == forecast.medians[0].tolist()

    def test_which_series(self, models):
        model = models["many"][3]
        with pytest.raises(InputError, match=r"there are 2 series .* say which one a stream goes on from"):
            model.stream()
        with pytest.raises(InputError, match="there is no series 's9'"):
            model.stream(series="s9")

    @pytest.mark.parametrize("number", [-1, 1 << 40], ids=str)
    @pytest.mark.parametrize("column", range(5))
    def test_a_strangers_state(self, models, column, number):
        stepper = models["covariates"][3].stepper()
        state = stepper.begin(1)
        state[0][0, column] = number
        whole, (T,), _, _ = models["covariates"]
        with pytest.raises(InputError, match="the state of the stream is none"):
            stepper.step([observation(whole, T)], state)


BAD = {
    "a text": ("3", "value is no number"),
    "a truth": (True, "value is no number"),
    "infinite": (float("inf"), "value is infinite"),
    "several": ([1.0, 2.0], "value has shape"),
    "no value": ({"known": {}}, "needs a value"),
    "unknown": ({"value": 1, "valeu": 2}, "has no 'valeu'"),
    "no past": ({"value": 1}, "the past covariate 'p' is missing"),
    "another": ({"value": 1, "past": {"p": 1, "q": 2}}, "without the past covariate 'q'"),
    "no columns": ({"value": 1, "past": 3}, "past is int: give a mapping"),
    "two steps": ({"value": 1, "past": {"p": [1, 2]}}, "past covariates are given for 2 steps"),
    "uneven": ({"value": 1, "past": {"p": 1}, "known": {"k": [1, 2], "l": 1}}, "equally many steps"),
    "nested": ({"value": 1, "past": {"p": [[1]]}}, "equally many steps"),
    "a word": ({"value": 1, "past": {"p": "high"}}, "past 'p' is no number"),
}


@pytest.mark.parametrize(("given", "message"), BAD.values(), ids=BAD)
def test_a_bad_observation(models, given, message):
    stream = models["covariates"][3].stream()
    before = stream.save()
    with pytest.raises(InputError, match=message) as caught:
        stream.push(given)
    assert "\n" not in str(caught.value)
    assert stream.save() == before


def test_what_is_missing_is_none_or_nan(models):
    whole, (T,), _, model = models["covariates"]
    step = observation(whole, T)
    some = [model.stream().push({**step, "value": gap, "past": {"p": gap}}) for gap in (None, NAN)]
    np.testing.assert_array_equal(some[0].values, some[1].values)
    assert np.isfinite(some[0].values).all()


def test_weights_that_overflow(models, tmp_path):
    model = saved(models["numbered"][2], tmp_path / "m")
    model.network.decoder.weight[...] = 3e38
    with pytest.raises(InputError, match="outputs are not all finite"):
        model.forecast()
