"""What training keeps of the forward pass for the backward one: the gates come for free."""

from typing import NamedTuple

from ostinato.kernels._arrays import Array, Shape
from ostinato.kernels._cells import Kind


class Kept(NamedTuple):
    """Of one direction, by slot. A slot is one real step of one row: step by step, the longest rows first.

    A field is None where the cell has no use for it; a simple RNN keeps nothing but its outputs.
    """

    gates: Array | None = None
    """(N, 4·H): i f g o of an LSTM; r z n q of a GRU, q = W_hn h + b_hn."""
    c: Array | None = None
    """(N, H), of an LSTM."""
    m: Array | None = None
    """(N, H), o⊙tanh(c) of an LSTM with a projection."""


class KeptSizes(NamedTuple):
    """The shape of each field of `Kept`."""

    gates: Shape | None = None
    c: Shape | None = None
    m: Shape | None = None


def kept_sizes(kind: Kind, slots: int, hidden: int, projected: bool) -> KeptSizes:
    """What to allocate for `Kept`.

    Args:
        kind: Which cell.
        slots: At least the number of real steps; T·B, or N of a packed sequence.
        hidden: H.
        projected: Whether an LSTM has a projection.
    """
    if kind == "lstm":
        state = (slots, hidden)
        return KeptSizes((slots, 4 * hidden), state, state if projected else None)
    return KeptSizes((slots, 4 * hidden)) if kind == "gru" else KeptSizes()
