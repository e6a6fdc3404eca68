"""What shows: plots of what a model says, written as files.

The names are loaded when they are first used, and matplotlib when something is drawn.
"""

from typing import TYPE_CHECKING

from ostinato._lazy import lazily

if TYPE_CHECKING:
    from ostinato.inspect._figure_file import figure_format
    from ostinato.inspect._forecast_plot import plot_forecast

__all__ = ["figure_format", "plot_forecast"]

__getattr__ = lazily(
    __name__,
    {
        "figure_format": "ostinato.inspect._figure_file",
        "plot_forecast": "ostinato.inspect._forecast_plot",
    },
)
