"""A generator writes: each step drawn from what its network says of it, then read as the next input.

What the network is, and what it computes with, is unknown here.
"""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ostinato.data._finite import check_finite
from ostinato.data._ragged import Ragged
from ostinato.data._sampling import check_sampling, seeded
from ostinato.data._written import Drawing, Written

_SIDE_BY_SIDE = 2048  # sequences


class Writer(Protocol):
    """A generator's network."""

    def start(self, conditions: NDArray[Any]) -> Any:
        """The state that sequences begin in, one for each condition (B, …)."""

    def step(self, x: NDArray[Any], conditions: NDArray[Any], state: Any) -> tuple[NDArray[np.float32], Any]:
        """Outputs (B, K) after one more step x (B, …) of each sequence, and the state."""

    def keep(self, state: Any, rows: NDArray[np.int64]) -> Any:
        """The state of these rows only."""


def write_sequences(
    writer: Writer, written: Written, conditions: NDArray[Any], *, length: int | None, **options: Any
) -> list[Any]:
    """A sequence for each condition, as `Written.decode` gives it.

    Args:
        writer: the network.
        written: what its outputs mean.
        conditions: (n,) int64 or (n, D) float32.
        length: steps at most; None: half as many again as the longest sequence in training had.
        options: temperature, top_k, top_p and seed.

    Raises:
        InputError: an option is out of its range, or the network's outputs are not finite.
    """
    length = written.longest + -(-written.longest // 2) if length is None else length
    options = check_sampling(length=length, **options)
    generator = seeded(options["seed"])
    sequences: list[Any] = []
    for begin in range(0, len(conditions), _SIDE_BY_SIDE):
        some = conditions[begin : begin + _SIDE_BY_SIDE]
        drawing = written.drawing(len(some), options, generator)
        sequences += map(written.decode, _write(writer, written, some, drawing, options["length"]))
    return sequences


def _write(
    writer: Writer, written: Written, conditions: NDArray[Any], drawing: Drawing, length: int
) -> Ragged:
    """The steps of a sequence for each condition (B, …); those that have ended are read no further."""
    count, begin = len(conditions), written.begin
    x = np.broadcast_to(begin, (count, *begin.shape))
    rows, state = np.arange(count), writer.start(conditions)
    steps, owners = [x[:0]], [rows[:0]]
    for index in range(length):
        outputs, state = writer.step(written.read(x[None], index)[0], conditions, state)
        x, ended = drawing(check_finite(outputs), first=index == 0)
        if ended.any():
            going = np.flatnonzero(~ended)
            drawing.keep(going)
            x, rows, conditions = x[going], rows[going], conditions[going]
            state = writer.keep(state, going)
        if not len(rows):
            break
        steps.append(x)
        owners.append(rows)
    return _by_owner(np.concatenate(steps), np.concatenate(owners), count)


def _by_owner(steps: NDArray[Any], owners: NDArray[np.int64], count: int) -> Ragged:
    """Sequence by sequence the steps (N, …) that belong to it, by owner (N,), in their order."""
    offsets = np.concatenate([[0], np.cumsum(np.bincount(owners, minlength=count))])
    return Ragged(steps[np.argsort(owners, kind="stable")], offsets)
