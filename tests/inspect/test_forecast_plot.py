"""What a plot of a forecast shows."""

import subprocess
import sys
from xml.etree import ElementTree

import numpy as np
import pytest

from ostinato import InputError
from ostinato.inspect import plot_forecast

from .conftest import made

NAMES = {
    "none": "",
    "korean": "서울 역",
    "formula": "$x_$ \\frac",
    "markup": "<a> & 'b'",
    "controls": "two\nlines\x00",
    "scripts": "עברית 漢字 \U0001f600",
    "no-utf-8": "\udcff",
    "long": "n" * 500,
}


def line(axes, label):
    [found] = [line for line in axes.get_lines() if line.get_label() == label]
    return found


def labels(figure):
    [legend] = figure.legends
    return [text.get_text() for text in legend.get_texts()]


def test_observations_lead_into_the_median(drawn):
    history, forecast = made()
    [axes] = drawn(history, forecast).axes
    assert line(axes, "observed").get_ydata() == pytest.approx(history.values[0][-24:])
    median = [history.values[0][-1], *forecast.medians[0]]
    assert line(axes, "median").get_ydata() == pytest.approx(median)


def test_each_interval_is_shaded_and_named(drawn):
    figure = drawn(*made())
    assert labels(figure) == ["90 %", "50 %", "median", "observed"]
    widest, other = figure.axes[0].collections
    assert (
        widest.get_datalim(figure.axes[0].transData).height
        > other.get_datalim(figure.axes[0].transData).height
    )
    assert widest.get_facecolor().sum() > other.get_facecolor().sum()  # the lighter one


@pytest.mark.parametrize(
    ("levels", "named"),
    [
        ((0.5,), ["median", "observed"]),
        ((0.05, 0.95), ["90 %", "median", "observed"]),
        ((0.75, 0.25, 0.5), ["50 %", "median", "observed"]),
        ((0.05, 0.5), ["quantile 0.05", "median", "observed"]),
        ((0.95,), ["quantile 0.95", "median", "observed"]),
    ],
    ids=str,
)
def test_whatever_levels_there_are(drawn, levels, named):
    assert labels(drawn(*made(levels=levels))) == named


def test_what_happened_shows_beside_the_forecast(drawn):
    history, forecast = made(steps=60, horizon=6)
    forecast.times = (history.times[0][50:56],)
    [axes] = drawn(history, forecast).axes
    assert line(axes, "observed").get_xdata()[-1] == history.times[0][-1]
    assert line(axes, "median").get_ydata()[0] == history.values[0][49]


def test_rows_that_only_have_known_covariates_are_no_observations(drawn):
    history, forecast = made(dated=False)
    history.times = (np.arange(54),)
    assert line(drawn(history, forecast).axes[0], "observed").get_xdata()[-1] == 47


def test_gaps_are_gaps_and_the_last_observation_leads_on(drawn):
    history, forecast = made()
    history.values[0][[-1, -5]] = np.nan
    [axes] = drawn(history, forecast).axes
    assert np.flatnonzero(np.isnan(line(axes, "observed").get_ydata())).tolist() == [19, 23]
    assert line(axes, "median").get_xdata()[0] == history.times[0][-2]


@pytest.mark.parametrize(("steps", "missing", "dots"), [(100, [], "."), (700, [], ""), (700, [-2], ".")])
def test_dots_are_where_points_might_be_lost(drawn, steps, missing, dots):
    history, forecast = made(steps=steps, horizon=60)
    history.values[0][missing] = np.nan
    assert line(drawn(history, forecast).axes[0], "observed").get_marker() == dots


def test_a_series_of_gaps_has_a_forecast_only(drawn):
    history, forecast = made()
    history.values[0][:] = np.nan
    assert len(line(drawn(history, forecast).axes[0], "median").get_ydata()) == 6


@pytest.mark.parametrize(("count", "panels"), [(1, 1), (3, 3), (5, 5), (12, 12), (13, 12)])
def test_a_panel_for_each_series_as_far_as_there_is_room(drawn, count, panels):
    figure = drawn(*made(count))
    assert [axes.get_title(loc="left") for axes in figure.axes] == [f"series {k}" for k in range(panels)]
    assert figure.get_supxlabel() == ("12 of 13 series" if count > panels else "")


@pytest.mark.parametrize("suffix", [".png", ".svg"])
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_any_name_can_be_drawn(tmp_path, name, suffix):
    plot_forecast(*made(names=(name,)), tmp_path / f"x{suffix}")
    assert (tmp_path / f"x{suffix}").stat().st_size > 1000


@pytest.mark.parametrize(("name", "shown"), [("서울 $x_$ <a>", "서울 $x_$ <a>"), ("n" * 500, "n" * 59 + "…")])
def test_names_are_text_in_an_svg(tmp_path, name, shown):
    plot_forecast(*made(names=(name,)), tmp_path / "x.svg")
    assert shown in [text.text for text in ElementTree.parse(tmp_path / "x.svg").iter() if text.text]


@pytest.mark.parametrize("horizon", [1, 6])
@pytest.mark.parametrize("dated", [False, True])
def test_months_or_steps_and_any_horizon(tmp_path, horizon, dated):
    plot_forecast(*made(horizon=horizon, dated=dated), tmp_path / "x.svg")
    texts = {text.text for text in ElementTree.parse(tmp_path / "x.svg").iter()}
    assert ("1952" in texts) == dated


@pytest.mark.parametrize("value", [0.0, 1e-300, -1e12])
def test_a_constant_series(tmp_path, value):
    history, forecast = made()
    for part in (history.values, forecast.values, forecast.medians):
        part[0][:] = value
    plot_forecast(history, forecast, tmp_path / "x.png")
    assert (tmp_path / "x.png").exists()


@pytest.mark.parametrize("name", ["x.svg", "x.png", "그림 1.SVG"])
def test_same_forecast_same_bytes(tmp_path, name):
    written = []
    for _ in range(2):
        plot_forecast(*made(2), tmp_path / name)
        written.append((tmp_path / name).read_bytes())
    assert written[0] == written[1]


def test_a_history_of_other_series_is_refused(tmp_path):
    history, _ = made(names=("one",))
    with pytest.raises(InputError, match="the history is not that of the forecast's series"):
        plot_forecast(history, made(names=("other",))[1], tmp_path / "x.png")


def test_the_room_is_opened_without_matplotlib_and_drawing_without_pyplot(tmp_path):
    code = f"""
import sys
from types import SimpleNamespace
import numpy as np
import ostinato.inspect as room
assert "matplotlib" not in sys.modules
one = SimpleNamespace(names=("a",), times=(np.arange(3),), values=(np.ones(3),))
ahead = SimpleNamespace(names=("a",), times=(np.arange(3, 5),), levels=(0.9,), values=(np.ones((2, 1)),))
ahead.medians = (np.ones(2),)
room.plot_forecast(one, ahead, {str(tmp_path / "x.png")!r})
assert not {{"matplotlib.pyplot", "torch"}} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)
