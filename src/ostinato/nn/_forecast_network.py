"""The network of a forecaster: a window's history in, numbers for each step of the horizon out."""

from torch import Tensor, nn

from ostinato.nn._initialisation import initialise_recurrent
from ostinato.nn._stack import build_stack, numbers_per_step, run_stack


class ForecastNetwork(nn.Module):
    """An encoder reads the history; a decoder, which begins in its state, what is known of the future.

    All steps of the horizon are forecast at once, none from the forecast of another.

    Args:
        history_size: Dh, numbers per step of history, each with a standard deviation of about 1.
        future_size: Df, numbers per step of the horizon.
        outputs: K, numbers that tell the distribution of a step.
        cell: "rnn", "lstm" or "gru".
        hidden_size: H, of each layer.
        num_layers: L, recurrent layers of the encoder, and of the decoder.
        dropout: share of the layers' outputs set to zero while training.
    """

    def __init__(
        self,
        history_size: int,
        future_size: int,
        outputs: int,
        *,
        cell: str,
        hidden_size: int,
        num_layers: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.encoder = build_stack(cell, history_size, hidden_size, num_layers, dropout=dropout)
        self.recurrent = build_stack(cell, future_size, hidden_size, num_layers, dropout=dropout)
        self.dropout = nn.Dropout(dropout)
        self.decoder = nn.Linear(hidden_size, outputs)
        initialise_recurrent(self.encoder, history_size)
        initialise_recurrent(self.recurrent, future_size)

    def forward(self, history: Tensor, future: Tensor) -> Tensor:
        """Forecast.

        Args:
            history: (C, B, Dh).
            future: (H, B, Df).

        Returns:
            (H, B, K).
        """
        _, state = run_stack(self.encoder, history)
        y, _ = run_stack(self.recurrent, future, state)
        outputs: Tensor = self.decoder(self.dropout(y))
        return outputs

    @property
    def numbers_per_step(self) -> int:
        """How many numbers a step makes, of history or horizon, whichever makes more."""
        return max(
            numbers_per_step(self.encoder), numbers_per_step(self.recurrent) + self.decoder.out_features
        )
