"""What a forecaster says of series: quantiles, a line for each step ahead; and as a plot."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len, set_cell_size

from ostinato._errors import InputError, ParameterError
from ostinato.cli._panels import read_panel_like
from ostinato.cli._predictions import Answer

if TYPE_CHECKING:
    from ostinato.data.forecasting import Forecast

LEVELS = "0.05,0.25,0.5,0.75,0.95"
_NAME = 24  # columns of a series' name, at most


def forecasts(
    model: Any, inputs: list[str], levels: str = LEVELS, plot: Path | None = None
) -> Iterator[Answer]:
    """The quantiles of each series' next steps; the plot, if there is to be one, is written before.

    Args:
        model: a `Forecaster`.
        inputs: the path of a table with the history, alone.
        levels: of the quantiles, as --levels has them.
        plot: the plot's file.
    """
    chosen = _levels(levels)
    if plot is not None:
        from ostinato.inspect import figure_format

        figure_format(plot)  # at once, not after reading a large table
    if len(inputs) > 1:
        raise InputError(
            f"INPUT names {len(inputs)} files: a forecaster goes on with the series of one table"
        )
    if inputs == ["-"]:
        raise InputError("a forecaster reads a table with the history, not stdin: name its file")
    panel = read_panel_like(Path(inputs[0]), model)
    forecast = model.forecast(panel, levels=chosen)
    if plot is not None:
        from ostinato.inspect import plot_forecast

        plot_forecast(panel, forecast, plot)
    yield from _answers(forecast, panel.frequency.unit)


def _answers(forecast: "Forecast", unit: str) -> Iterator[Answer]:
    """A heading, and a line for each step of each series."""
    from ostinato.data import written_times

    times = [written_times(each, unit) for each in forecast.times]
    widths = [min(_NAME, max(map(cell_len, forecast.names))), max(len(str(time)) for time in chain(*times))]
    levels = [str(level) for level in forecast.levels]
    yield None, _line(["", ""], levels, widths)
    for name, steps, values in zip(forecast.names, times, forecast.values, strict=True):
        for time, quantiles in zip(steps, values.tolist(), strict=True):
            answer = {
                "series": name or None,
                "time": time,
                "quantiles": dict(zip(levels, quantiles, strict=True)),
            }
            yield answer, _line([name, str(time)], [f"{value:.6g}" for value in quantiles], widths)


def _line(which: list[str], values: list[str], widths: list[int]) -> str:
    """Which step of which series, and its numbers, in columns."""
    cells = [set_cell_size(cell, width) for cell, width in zip(which, widths, strict=True) if width]
    return "  ".join([*cells, *(f"{value:>11}" for value in values)]).rstrip() + "\n"


def _levels(text: str) -> tuple[float, ...]:
    """The levels in a list such as 0.05,0.5,0.95, rising."""
    try:
        return tuple(sorted({float(part) for part in text.split(",")}))
    except ValueError:
        raise ParameterError("levels", f"is {text!r}: write numbers such as 0.05,0.5,0.95") from None
