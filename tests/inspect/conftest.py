"""Made-up series, and what would be forecast of them."""

from types import SimpleNamespace

import numpy as np
import pytest

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
BEYOND = (-1.6, -0.7, 0, 0.7, 1.6)  # of the median, a step ahead, in units of the noise


def made(count=1, steps=48, horizon=6, names=None, dated=True, levels=LEVELS):
    """A panel's names, times and values, and a forecast's names, times, levels and quantiles."""
    random = np.random.default_rng(0)
    times = np.arange(steps + horizon)
    if dated:
        times = (np.datetime64("1949-01") + times).astype("datetime64[s]")
    values = 100 + random.normal(size=(count, steps)).cumsum(axis=1)
    spread = np.sqrt(np.arange(1, horizon + 1))[:, None] * BEYOND
    kept = [LEVELS.index(level) for level in levels]
    names = names or tuple(f"series {k}" for k in range(count))
    history = SimpleNamespace(names=names, times=(times[:steps],) * count, values=tuple(values))
    forecast = SimpleNamespace(
        names=names,
        times=(times[steps:],) * count,
        levels=levels,
        values=tuple(row[-1] + spread[:, kept] for row in values),
        medians=tuple(np.full(horizon, row[-1]) for row in values),
    )
    return history, forecast


@pytest.fixture
def drawn(monkeypatch, tmp_path):
    """Draws a forecast, and gives the figure."""
    from ostinato.inspect import _forecast_plot

    def draw(history, forecast):
        figures = []
        monkeypatch.setattr(_forecast_plot, "write_figure", lambda figure, _: figures.append(figure))
        _forecast_plot.plot_forecast(history, forecast, tmp_path / "x.svg")
        return figures[0]

    return draw
