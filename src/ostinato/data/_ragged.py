"""Sequences of different lengths, end to end in one array."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Ragged:
    """Sequences of different lengths: sequence i is `values[offsets[i] : offsets[i + 1]]`.

    Args:
        values: (N, …), the steps of all sequences one after the other, in memory or memory-mapped.
        offsets: (n + 1,) int64, from 0 to N, never falling.
    """

    def __init__(self, values: NDArray[Any], offsets: NDArray[np.int64]) -> None:
        self.values = values
        self.offsets = offsets

    @classmethod
    def of(cls, sequences: Sequence[NDArray[Any]]) -> "Ragged":
        """Arrays (T_i, …) of one dtype and one shape of step, at least one of them, copied end to end."""
        return cls(np.concatenate(sequences), offsets_of(map(len, sequences)))

    def __len__(self) -> int:
        """The number of sequences."""
        return len(self.offsets) - 1

    def __getitem__(self, index: int) -> NDArray[Any]:
        """Sequence `index`, (T, …), a view."""
        index = range(len(self))[index]
        return self.values[self.offsets[index] : self.offsets[index + 1]]

    def __iter__(self) -> Iterator[NDArray[Any]]:
        return (self[index] for index in range(len(self)))

    @property
    def lengths(self) -> NDArray[np.int64]:
        """(n,) steps of each."""
        return np.diff(self.offsets)

    def take(self, rows: Iterable[int]) -> "Ragged":
        """Some of the sequences, copied; at least one."""
        return Ragged.of([self[row] for row in rows])

    def cut(self, longest: int) -> "Ragged":
        """The same steps in sequences of at most `longest`, each cut into as few and as equal ones as can be.

        The steps are not copied.
        """
        ends = [
            begin + np.arange(1, pieces + 1) * length // pieces
            for begin, length in zip(self.offsets[:-1], self.lengths, strict=True)
            if (pieces := -(-length // longest))
        ]
        return Ragged(self.values, np.concatenate([self.offsets[:1], *ends]).astype(np.int64))

    def padded(self, rows: Sequence[int] | NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
        """A batch, time first.

        Args:
            rows: (B,) which sequences.

        Returns:
            (T, B, …), zero past each sequence's end, where T is the longest one's length; lengths (B,) int64.
        """
        chosen = np.asarray(rows, dtype=np.int64)
        lengths = self.lengths[chosen]
        shape = (int(lengths.max(initial=0)), len(chosen), *self.values.shape[1:])
        batch = np.zeros(shape, self.values.dtype)
        for column, row in enumerate(chosen):
            batch[: lengths[column], column] = self[int(row)]
        return batch, lengths


def offsets_of(lengths: Iterable[int]) -> NDArray[np.int64]:
    """(n + 1,) int64: where each of so many sequences begins, and where the last one ends."""
    return np.concatenate([[0], np.cumsum(np.fromiter(lengths, np.int64))]).astype(np.int64)


def by_length(lengths: NDArray[np.int64], steps: int) -> Iterator[NDArray[np.int64]]:
    """Rows in batches of at most so many steps, padding counted, each of one row at least."""
    order = np.argsort(lengths, kind="stable")
    begin = 0
    while begin < len(order):
        ahead = lengths[order[begin : begin + steps]]
        fit = np.arange(1, len(ahead) + 1) * ahead <= steps
        count = max(1, int(np.argmin(fit)) if not fit.all() else len(fit))
        yield order[begin : begin + count]
        begin += count
