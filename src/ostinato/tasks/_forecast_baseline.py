"""The naive forecasts as the baseline of a forecaster."""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ostinato.data import Panel
from ostinato.data.forecasting import ForecastEncoder, Memory, Windows
from ostinato.tasks._forecast_figures import LEVELS, Truth, forecast_figures, seasonal_errors
from ostinato.tasks._naive_forecasts import Predicted, naive_forecasts, steps_ahead
from ostinato.training import Figures


class NaiveBaseline:
    """The last value, the seasonal naive forecast and the drift, and the series that forecasts go on from.

    Args:
        season: the steps of a season, 1 being none.
        memory: the series.
    """

    name = "the best naive forecast"

    def __init__(self, season: int, memory: Memory) -> None:
        self.season = season
        self.memory = memory

    @classmethod
    def of(cls, encoder: ForecastEncoder, panel: Panel, held_out: NDArray[np.int64]) -> Self:
        """The baseline of a panel of whose series so many values (series,) were held out."""
        return cls(encoder.season, Memory.of(panel, held_out))

    def figures(self, panel: Panel, windows: Windows) -> dict[str, Figures]:
        """The figures of each forecast, by its name, that of the lowest MASE first."""
        truth = truth_of(panel, windows, self.season)
        figures = {}
        for rule in naive_forecasts(self.season):
            parts = [
                rule.forecast(panel.values[series], origins, windows.horizon, LEVELS)
                for series, origins in _by_series(windows)
            ]
            figures[rule.name] = forecast_figures(
                truth, Predicted(*map(np.concatenate, zip(*parts, strict=True)))
            )
        return dict(sorted(figures.items(), key=lambda named: named[1].get("mase", named[1]["pinball"])))

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """The series; the rules have no numbers of their own."""
        return self.memory.to_arrays()

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], encoder: ForecastEncoder) -> Self:
        """What `to_arrays` gave; `InputError` for anything else."""
        memory = Memory.from_arrays(arrays, encoder.frequency, encoder.known.names, encoder.past.names)
        return cls(encoder.season, memory)


def truth_of(panel: Panel, windows: Windows, season: int) -> Truth:
    """What came after the origins of windows, and what the errors are measured by."""
    parts = [
        (
            steps_ahead(panel.values[series], origins, windows.horizon),
            *seasonal_errors(panel.values[series], origins, season),
        )
        for series, origins in _by_series(windows)
    ]
    return Truth(*map(np.concatenate, zip(*parts, strict=True)))


def _by_series(windows: Windows) -> list[tuple[int, NDArray[np.int64]]]:
    """The series, and the origins (n,) in each, of windows that are sorted by series."""
    series, begins = np.unique(windows.series, return_index=True)
    return list(zip(series.tolist(), np.split(windows.origins, begins[1:]), strict=True))
