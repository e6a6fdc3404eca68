"""The network of a forecaster: what a simple forecast lacks, for each step of the horizon."""

import torch
from torch import Tensor, nn

from ostinato.nn._forecast_shapes import FORECAST_SHAPES
from ostinato.nn._initialisation import initialise_recurrent
from ostinato.nn._stack import build_stack, numbers_per_step, run_stack


class ForecastNetwork(nn.Module):
    """An encoder reads the history; a decoder, which begins in its state, what is known of the future.

    All steps of the horizon are forecast at once, none from the forecast of another. The corrections begin as
    0: before training the forecast is the simple one.

    Args:
        history_size: Dh, numbers per step of history, each with a standard deviation of about 1.
        future_size: Df, numbers per step of the horizon.
        shape: of the distribution: "quantiles" or "student-t".
        cell: "rnn", "lstm" or "gru".
        hidden_size: N, of each layer.
        num_layers: recurrent layers of the encoder, and of the decoder.
        dropout: share of the layers' outputs set to zero while training.
    """

    def __init__(
        self,
        history_size: int,
        future_size: int,
        *,
        shape: str,
        cell: str,
        hidden_size: int,
        num_layers: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.encoder = build_stack(cell, history_size, hidden_size, num_layers, dropout=dropout)
        self.recurrent = build_stack(cell, future_size, hidden_size, num_layers, dropout=dropout)
        self.dropout = nn.Dropout(dropout)
        self.decoder = nn.Linear(hidden_size + future_size, 2)
        self.shape = FORECAST_SHAPES[shape]()
        initialise_recurrent(self.encoder, history_size)
        initialise_recurrent(self.recurrent, future_size)
        nn.init.zeros_(self.decoder.weight)
        nn.init.zeros_(self.decoder.bias)

    def forward(self, history: Tensor, future: Tensor) -> Tensor:
        """Correct a forecast.

        Args:
            history: (C, B, Dh).
            future: (H, B, Df).

        Returns:
            (H, B, 2): how far the distribution of each step is shifted, in standard deviations of the simple
            forecast, and the logarithm of how many times as wide it is.
        """
        _, state = run_stack(self.encoder, history)
        y, _ = run_stack(self.recurrent, future, state)
        corrections: Tensor = self.decoder(torch.cat([self.dropout(y), future], dim=-1))
        return corrections

    @torch.no_grad()
    def shrink(self, share: float) -> None:
        """Keep only this share of all corrections, and of what makes the distribution other than normal."""
        self.decoder.weight.mul_(share)
        self.decoder.bias.mul_(share)
        self.shape.shrink(share)

    @property
    def numbers_per_step(self) -> int:
        """How many numbers a step of history or horizon makes at most."""
        return max(map(numbers_per_step, (self.encoder, self.recurrent)))
