"""Recurrent networks run live, without torch: numpy and the kernels are all that is needed.

The names are loaded when they are first used, so that a process pays only for what it runs.
"""

from typing import TYPE_CHECKING

from ostinato._lazy import lazily

if TYPE_CHECKING:
    from ostinato.runtime._layers import GRU, LSTM, RNN

__all__ = ["GRU", "LSTM", "RNN"]

__getattr__ = lazily(__name__, dict.fromkeys(["GRU", "LSTM", "RNN"], "ostinato.runtime._layers"))
