"""The four cells by name, and the parameters they share."""

from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Kind = Literal["rnn_tanh", "rnn_relu", "lstm", "gru"]
Floats = NDArray[np.floating[Any]]

GATES: dict[Kind, int] = {"rnn_tanh": 1, "rnn_relu": 1, "lstm": 4, "gru": 3}
"""How many blocks of H rows the weights are made of."""


KINDS: dict[Kind, int] = {kind: number for number, kind in enumerate(GATES)}
"""The numbers of csrc/api.h's `Kind`."""


class Weights(NamedTuple):
    """The parameters of one direction of one layer, or their gradients."""

    w_ih: Floats
    """(G·H, I). Gates are stacked in the order i f g o (LSTM) or r z n (GRU)."""
    w_hh: Floats
    """(G·H, R)."""
    b_ih: Floats | None = None
    """(G·H), or None for a layer without biases."""
    b_hh: Floats | None = None
    """(G·H), None together with `b_ih`."""
    w_hr: Floats | None = None
    """(R, H), the LSTM's projection, or None."""
