"""What a forecaster would have said in the past."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ostinato.data import Times


@dataclass(frozen=True)
class Backtest:
    """Forecasts from N origins in the past, beside what came.

    Attributes:
        names: (N,) of the series of each.
        times: of each forecast, (H,).
        actual: (N, H), NaN where missing.
        levels: of the Q quantiles, rising.
        values: (N, H, Q).
        medians: (N, H).
    """

    names: tuple[str, ...]
    times: tuple[Times, ...]
    actual: NDArray[np.float64]
    levels: tuple[float, ...]
    values: NDArray[np.float64]
    medians: NDArray[np.float64]
