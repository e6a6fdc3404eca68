"""All of a forecaster but its network: the linear model of each series, and the windows that are corrected.

Not imported with `ostinato.data`: other tasks need none of it.
"""

from ostinato.data.forecasting._continued import continued
from ostinato.data.forecasting._encoder import LONGEST, ForecastEncoder
from ostinato.data.forecasting._forecast import DEFAULT_LEVELS, SHAPES, Distribution, Forecast, check_levels
from ostinato.data.forecasting._memory import Memory
from ostinato.data.forecasting._stretch import Stretch
from ostinato.data.forecasting._windows import Windows

__all__ = [
    "DEFAULT_LEVELS",
    "LONGEST",
    "SHAPES",
    "Distribution",
    "Forecast",
    "ForecastEncoder",
    "Memory",
    "Stretch",
    "Windows",
    "check_levels",
    "continued",
]
