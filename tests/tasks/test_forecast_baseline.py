"""The naive forecasts as a baseline: the same windows, the same scales."""

import numpy as np
import pytest

from ostinato.data.forecasting import Stretch
from ostinato.data.forecasting._encoder import ForecastEncoder
from ostinato.tasks._forecast_baseline import NaiveBaseline, truth_of

from ..panels import panel, wave

PANEL = panel(wave(60), wave(50, scale=1000.0, seed=1), np.append(wave(30), np.nan))


@pytest.fixture(scope="module")
def encoder():
    return ForecastEncoder.learn(PANEL, {"horizon": 4, "context": None, "season": 6})


@pytest.fixture(scope="module")
def windows(encoder):
    return encoder.windows(Stretch(PANEL, np.array([40, 50, 20]), stride=2)).whole()


def test_truth_is_of_each_window(windows):
    truth = truth_of(PANEL, windows, 6)
    for row, (series, origin) in enumerate(zip(windows.series, windows.origins, strict=True)):
        values = PANEL.values[series]
        np.testing.assert_array_equal(truth.values[row], values[origin : origin + 4])
        before = values[:origin]
        assert truth.absolute[row] == pytest.approx(np.abs(before[6:] - before[:-6]).mean())


def test_figures_by_hand(encoder, windows):
    figures = NaiveBaseline.of(encoder, PANEL, np.zeros(3, np.int64)).figures(PANEL, windows)
    truth = truth_of(PANEL, windows, 6)
    seasonal = np.array(
        [PANEL.values[s][o - 6 : o - 2] for s, o in zip(windows.series, windows.origins, strict=True)]
    )
    mase = np.nanmean(np.abs(truth.values - seasonal) / truth.absolute[:, None])
    assert figures["seasonal naive"]["mase"] == pytest.approx(mase)


def test_the_best_comes_first(encoder, windows):
    figures = NaiveBaseline.of(encoder, PANEL, np.zeros(3, np.int64)).figures(PANEL, windows)
    assert next(iter(figures)) == "seasonal naive"
    assert [each["mase"] for each in figures.values()] == sorted(each["mase"] for each in figures.values())


def test_back_from_arrays(encoder, windows):
    baseline = NaiveBaseline.of(encoder, PANEL, np.array([3, 0, 0]))
    again = NaiveBaseline.from_arrays(baseline.to_arrays(), encoder)
    assert again.figures(PANEL, windows) == baseline.figures(PANEL, windows)
    assert again.memory.held_out.tolist() == [3, 0, 0]
