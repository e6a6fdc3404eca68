"""Recurrent networks run live, without torch: numpy and the kernels are all that is needed.

The names are loaded when they are first used, so that a process pays only for what it runs.
"""

from typing import TYPE_CHECKING

from ostinato._lazy import lazily

if TYPE_CHECKING:
    from ostinato.runtime._layers import GRU, LSTM, RNN
    from ostinato.runtime._load import load
    from ostinato.runtime._stream import Stream
    from ostinato.runtime._streams import Streams

__all__ = ["GRU", "LSTM", "RNN", "Stream", "Streams", "load"]

__getattr__ = lazily(
    __name__,
    {
        **dict.fromkeys(["GRU", "LSTM", "RNN"], "ostinato.runtime._layers"),
        "Stream": "ostinato.runtime._stream",
        "Streams": "ostinato.runtime._streams",
        "load": "ostinato.runtime._load",
    },
)
