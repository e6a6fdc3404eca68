"""All of a forecaster but its network: the linear model of each series, and the windows that are corrected.

Not imported with `ostinato.data`: other tasks need none of it.
"""

from ostinato.data.forecasting._continued import continued
from ostinato.data.forecasting._encoder import LONGEST, ForecastEncoder, transformed
from ostinato.data.forecasting._features import Track, windows_from
from ostinato.data.forecasting._filter import Filtered
from ostinato.data.forecasting._forecast import DEFAULT_LEVELS, SHAPES, Distribution, Forecast, check_levels
from ostinato.data.forecasting._memory import Memory
from ostinato.data.forecasting._standing import Belief, Standing
from ostinato.data.forecasting._stretch import Stretch
from ostinato.data.forecasting._variance import Variance
from ostinato.data.forecasting._windows import Windows

__all__ = [
    "DEFAULT_LEVELS",
    "LONGEST",
    "SHAPES",
    "Belief",
    "Distribution",
    "Filtered",
    "Forecast",
    "ForecastEncoder",
    "Memory",
    "Standing",
    "Stretch",
    "Track",
    "Variance",
    "Windows",
    "check_levels",
    "continued",
    "transformed",
    "windows_from",
]
