"""Sequences of any length, read in windows, of which only one is in memory at a time.

What reads them, and what it computes with, is unknown here.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

CONTEXT = 200  # steps that a network which looks ahead reads on either side of a window


class StepReader(Protocol):
    """A network that gives something for each step, and whether that depends on later steps."""

    looks_ahead: bool

    def whole(self, steps: NDArray[Any]) -> NDArray[np.float32]:
        """(T, K) for the steps (T, …) of one sequence, all there are."""

    def onwards(self, steps: NDArray[Any], state: Any) -> tuple[NDArray[np.float32], Any]:
        """(T, K) for the next steps, and the state; () is that of the beginning. Only if it looks back."""


def read_windows(
    reader: StepReader, pieces: Iterable[NDArray[Any]], window: int
) -> Iterator[NDArray[np.float32]]:
    """What a network gives for each step of one sequence that comes in pieces.

    A causal network carries its state from window to window: its outputs are those of the whole sequence. A
    bidirectional one reads each window with 200 steps of context on either side; what is farther away it does
    not see. A sequence shorter than a window and that context is read whole.

    Args:
        reader: the network.
        pieces: (T_i, …) of any lengths.
        window: steps.

    Yields:
        (T_j, K) float32, of at most a window and the context; together they are of all steps.
    """
    return (_both_ways if reader.looks_ahead else _onwards)(reader, pieces, window)


def _onwards(
    reader: StepReader, pieces: Iterable[NDArray[Any]], window: int
) -> Iterator[NDArray[np.float32]]:
    state: Any = ()
    for piece in pieces:
        for begin in range(0, len(piece), window):
            outputs, state = reader.onwards(piece[begin : begin + window], state)
            yield outputs


def _both_ways(
    reader: StepReader, pieces: Iterable[NDArray[Any]], window: int
) -> Iterator[NDArray[np.float32]]:
    held: NDArray[Any] | None = None
    known = 0  # steps at the beginning of what is held that have been answered, and are there for context
    for piece in pieces:
        held = piece if held is None else np.concatenate([held, piece])
        while len(held) >= known + window + CONTEXT:
            yield reader.whole(held[: known + window + CONTEXT])[known : known + window]
            answered = known + window
            known = min(CONTEXT, answered)
            held = held[answered - known :]
    if held is not None and len(held) > known:
        yield reader.whole(held)[known:]
