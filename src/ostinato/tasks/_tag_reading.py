"""How a tagger reads sequences of any length: in windows, of which only one is in memory at a time."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ostinato.data import Ragged
from ostinato.nn import SequenceNetwork
from ostinato.tasks._sequence_objective import batch_of, evaluating, outputs_at

CONTEXT = 200  # steps that a bidirectional network reads on either side of a window


def read_sequences(network: SequenceNetwork, sequences: Ragged, window: int) -> Ragged:
    """Logits (T, K) of each sequence: short ones many at a time, a long one alone, as by `read_stream`."""
    is_long = sequences.lengths >= window + CONTEXT
    short = np.flatnonzero(~is_long)
    arrays: dict[int, Any] = dict(zip(short.tolist(), outputs_at(network, sequences, short), strict=True))
    with evaluating(network):
        for row in np.flatnonzero(is_long).tolist():
            arrays[row] = np.concatenate(list(read_stream(network, [sequences[row]], window)))
    return Ragged.of([arrays[row] for row in range(len(sequences))])


def read_stream(
    network: SequenceNetwork, pieces: Iterable[NDArray[Any]], window: int
) -> Iterator[NDArray[np.float32]]:
    """Logits of one sequence that comes in pieces.

    A causal network carries its state from window to window: its logits are those of the whole sequence. A
    bidirectional one reads each window with 200 steps of context on either side; what is farther away it does
    not see. A sequence shorter than a window and that context is read whole.

    Args:
        network: in evaluation mode.
        pieces: (T_i, …) of any lengths.
        window: steps.

    Yields:
        (T_j, K) float32, of at most a window and the context; together they are of all steps.
    """
    read = _both_ways if network.recurrent.bidirectional else _onwards
    return read(network, pieces, window)


def _onwards(
    network: SequenceNetwork, pieces: Iterable[NDArray[Any]], window: int
) -> Iterator[NDArray[np.float32]]:
    state: Any = ()
    for piece in pieces:
        for begin in range(0, len(piece), window):
            x, _ = _alone(network, piece[begin : begin + window])
            with torch.no_grad():
                logits, state = network.read(x, state)
            yield logits[:, 0].cpu().numpy()


def _both_ways(
    network: SequenceNetwork, pieces: Iterable[NDArray[Any]], window: int
) -> Iterator[NDArray[np.float32]]:
    held: NDArray[Any] | None = None
    known = 0  # steps at the beginning of what is held that have been answered, and are there for context
    for piece in pieces:
        held = piece if held is None else np.concatenate([held, piece])
        while len(held) >= known + window + CONTEXT:
            yield _logits(network, held[: known + window + CONTEXT])[known : known + window]
            answered = known + window
            known = min(CONTEXT, answered)
            held = held[answered - known :]
    if held is not None and len(held) > known:
        yield _logits(network, held)[known:]


@torch.no_grad()
def _logits(network: SequenceNetwork, steps: NDArray[Any]) -> NDArray[np.float32]:
    logits: NDArray[np.float32] = network(*_alone(network, steps))[:, 0].cpu().numpy()
    return logits


def _alone(network: SequenceNetwork, steps: NDArray[Any]) -> tuple[Tensor, Tensor]:
    """Steps (T, …) as a batch of one row, and its length."""
    return batch_of(Ragged.of([steps]), np.zeros(1, np.int64), network)
