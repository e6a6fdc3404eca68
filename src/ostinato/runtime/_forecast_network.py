"""The network of a forecaster, as `ostinato.nn.ForecastNetwork` computes it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ostinato.data import check_finite
from ostinato.data.forecasting import Windows
from ostinato.runtime._forecast_shapes import SHAPE_ARRAYS, shape_quantiles
from ostinato.runtime._layers import Precision
from ostinato.runtime._linear import Floats, Linear, Shapes
from ostinato.runtime._recurrent import recurrent_layers, recurrent_shapes

_AT_A_TIME = 1 << 18  # steps of history and horizon


class ForecastNetwork:
    """An encoder reads the history; a decoder, which begins in its state, what is known of the future.

    Args:
        weights: those of `shapes`.
        kind: of the distribution.
        parameters: "cell", "hidden_size", "num_layers".
        precision: of the layers' weights.
    """

    def __init__(
        self,
        weights: Mapping[str, Floats],
        kind: str,
        parameters: Mapping[str, Any],
        precision: Precision,
    ) -> None:
        self.encoder, self.recurrent = (
            recurrent_layers(weights, parameters, precision, prefix) for prefix in ("encoder.", "recurrent.")
        )
        self.decoder = Linear(weights, "decoder.")
        self.kind = kind
        self.shape = {name: weights[name] for name in SHAPE_ARRAYS[kind]}

    @staticmethod
    def shapes(history_size: int, future_size: int, kind: str, parameters: Mapping[str, Any]) -> Shapes:
        """Of the weights, by name.

        Args:
            history_size: Dh, numbers per step of history.
            future_size: Df, numbers per step of the horizon.
            kind: of the distribution.
            parameters: as the class has them.
        """
        return {
            **recurrent_shapes(history_size, parameters, "encoder."),
            **recurrent_shapes(future_size, parameters),
            **Linear.shapes("decoder.", parameters["hidden_size"] + future_size, 2),
            **SHAPE_ARRAYS[kind],
        }

    def quantiles(self, windows: Windows, levels: Sequence[float]) -> NDArray[np.float64]:
        """(N, H, Q) of windows, in the data's units, each window's the same among others as alone.

        Raises:
            InputError: the network's outputs are not finite.
        """
        size = max(1, _AT_A_TIME // (windows.history.shape[1] + windows.horizon))
        with np.errstate(over="ignore", invalid="ignore"):
            corrections = np.concatenate(
                [
                    self._corrections(windows.history[some], windows.future[some])
                    for some in (slice(begin, begin + size) for begin in range(0, len(windows), size))
                ]
            ).astype(np.float64)
            shape = shape_quantiles(self.kind, self.shape, levels)
            scaled = corrections[..., :1] + np.exp(corrections[..., 1:]) * shape
        return windows.values(check_finite(scaled))

    def _corrections(self, history: NDArray[np.float32], future: NDArray[np.float32]) -> NDArray[np.float32]:
        """(B, H, 2) of history (B, C, Dh) and future (B, H, Df): each step's shift and log scale."""
        _, state = self.encoder.run(np.ascontiguousarray(history.swapaxes(0, 1)))
        y, _ = self.recurrent.run(np.ascontiguousarray(future.swapaxes(0, 1)), state=state)
        return self.decoder(np.concatenate([y.swapaxes(0, 1), future], axis=2))
