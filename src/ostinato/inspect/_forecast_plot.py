"""A forecast as a plot: where a series came from, and where it may go."""

import os
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError
from ostinato.inspect._figure_file import drawing, figure_format, write_figure
from ostinato.inspect._fonts import font_families

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ostinato.data import Panel
    from ostinato.data.forecasting import Forecast

_PANELS = 12
_TAIL = 4  # horizons of history that are shown
_LEAST_TAIL = 24  # steps
_DOTS = 150  # observations up to which each has a dot
_NAME = 60  # letters of a series' name
_COLUMNS = 5  # of the legend
_WIDTH, _HEIGHT, _LONE_HEIGHT = 8.0, 2.2, 4.0  # of the figure; of a row of panels; of a single one; inches
_INK, _BLUE = "0.25", (0.0, 0.45, 0.7)


def plot_forecast(history: "Panel", forecast: "Forecast", path: str | os.PathLike[str]) -> None:
    """Draw a forecast into a file: the history's end, the median, and the intervals as shaded bands.

    Each series has a panel of its own, up to 12 of them; the file says so if there are more. Levels that have
    no counterpart (0.05 has 0.95) are dashed lines. Where the history goes on beside the forecast, both show.

    Args:
        history: what was observed, of the same series in the same order.
        forecast: medians (H,) and quantiles (H, Q) for each series.
        path: of the file, .png or .svg; it is replaced, whole or not at all.

    Raises:
        ParameterError: the file has another suffix.
        InputError: the series differ, matplotlib is not installed, or the file cannot be written.
    """
    path = Path(path)
    figure_format(path)  # before anything is drawn
    if history.names != forecast.names:
        raise InputError("the history is not that of the forecast's series: give the panel it was made from")
    series = [_Series.of(history, forecast, row) for row in range(min(len(forecast.names), _PANELS))]
    with drawing(font_families("".join(one.name for one in series))):
        write_figure(_figure(series, forecast.levels, len(forecast.names)), path)


@dataclass(frozen=True)
class _Series:
    """What a panel shows.

    Attributes:
        name: its title.
        times: (T,) of the observations.
        observed: (T,) NaN where missing.
        ahead: (1 + H,) the times of the forecast, and before them the last observation's.
        median: (1 + H,) that of the forecast, and before it the last observation.
        quantiles: (1 + H, Q) likewise.
    """

    name: str
    times: NDArray[Any]
    observed: NDArray[np.float64]
    ahead: NDArray[Any]
    median: NDArray[np.float64]
    quantiles: NDArray[np.float64]

    @classmethod
    def of(cls, history: "Panel", forecast: "Forecast", row: int) -> "_Series":
        """A series' end, and its forecast, which begins at the last observation so that it is seen whence."""
        observed = history.values[row]
        times, ahead, quantiles = (
            history.times[row][: len(observed)],
            forecast.times[row],
            forecast.values[row],
        )
        origin = np.searchsorted(times, ahead[0])
        tail = slice(max(0, origin - max(_LEAST_TAIL, _TAIL * len(ahead))), None)
        known = np.flatnonzero(np.isfinite(observed[:origin]))[-1:]
        return cls(
            _title(forecast.names[row]),
            times[tail],
            observed[tail],
            np.concatenate([times[known], ahead]),
            np.concatenate([observed[known], forecast.medians[row]]),
            np.concatenate([np.repeat(observed[known, None], quantiles.shape[1], axis=1), quantiles]),
        )


def _title(name: str) -> str:
    """A name on one line, without what cannot be drawn, and not too long."""
    name = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in name)
    return name if len(name) <= _NAME else f"{name[: _NAME - 1]}…"


def _figure(series: list[_Series], levels: tuple[float, ...], count: int) -> "Figure":
    from matplotlib.figure import Figure

    columns = 1 if len(series) <= 3 else 2
    rows = ceil(len(series) / columns)
    height = _LONE_HEIGHT if len(series) == 1 else rows * _HEIGHT
    figure = Figure(figsize=(_WIDTH, height), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, one in zip(panels, series, strict=False):
        _draw(axes, one, levels)
    for axes in panels[len(series) :]:
        axes.remove()
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper right", ncols=min(len(labels), _COLUMNS), frameon=False)
    if count > len(series):
        figure.supxlabel(f"{len(series)} of {count:,} series", fontsize="small")
    return figure


def _draw(axes: "Axes", series: _Series, levels: tuple[float, ...]) -> None:
    _draw_bands(axes, series.ahead, dict(zip(levels, series.quantiles.T, strict=True)))
    axes.plot(series.ahead, series.median, color=_BLUE, label="median")
    lone = np.isnan(series.observed).any()  # between two gaps there is a dot and no line
    dots = "." if lone or len(series.times) <= _DOTS else ""
    axes.plot(series.times, series.observed, color=_INK, lw=1, marker=dots, ms=3, label="observed")
    axes.set_title(series.name, loc="left", fontsize="medium")


def _draw_bands(axes: "Axes", times: NDArray[Any], quantiles: dict[float, NDArray[np.float64]]) -> None:
    """Shade between levels that leave out as much below as above, the widest first; dash what has no pair."""
    alone = set(quantiles) - {0.5}
    light = 1.0
    for low in sorted(level for level in quantiles if level < 0.5):
        high = next((level for level in quantiles if abs(low + level - 1) < 1e-9), None)
        if high is None:
            continue
        alone -= {low, high}
        light *= 0.8
        shade = [light + (1 - light) * part for part in _BLUE]
        between = quantiles[low], quantiles[high]
        axes.fill_between(times, *between, color=shade, lw=0, label=f"{100 * (high - low):g} %")
    for level in sorted(alone):
        axes.plot(times, quantiles[level], color=_BLUE, lw=0.8, ls="--", label=f"quantile {level:g}")
