"""Truncated backpropagation through time over one long sequence of token ids (Williams & Peng 1990).

The sequence is cut into `batch_size` streams that are read side by side, a window of `window` tokens at a
time. The state at a window's end is the state the next window starts from; the gradient stops between them.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ostinato._errors import InputError


class TokenStreams:
    """The windows of a run, addressed by (epoch, index): nothing to rewind or to save when a run resumes.

    Each epoch starts at another offset of up to `window` tokens, drawn from (seed, epoch), so that the
    windows' borders move.

    Args:
        ids: (N,) integers, in memory or memory-mapped; only the windows in use are read.
        batch_size: streams read side by side; fewer where N is too short for them to fill a window each.
        window: tokens per window, T.
        seed: of the offsets.

    Raises:
        InputError: fewer than window + 1 tokens.
    """

    def __init__(self, ids: NDArray[Any], *, batch_size: int, window: int, seed: int) -> None:
        if len(ids) <= window:
            raise InputError(
                f"{len(ids)} tokens to train on are fewer than one window of {window} and its target: "
                f"give more text or a smaller window"
            )
        self.ids = ids
        self.window = window
        self.seed = seed
        self.slack = min(window, len(ids) // 8)  # the largest offset an epoch may start at
        usable = len(ids) - 1 - self.slack
        self.batch_size = max(1, min(batch_size, usable // window))
        self.length = usable // self.batch_size  # tokens of a stream, whatever the epoch's offset

    @property
    def steps_per_epoch(self) -> int:
        """Windows in an epoch; the last may be shorter than the others."""
        return -(-self.length // self.window)

    def __call__(self, epoch: int, index: int) -> tuple[Tensor, Tensor]:
        """Inputs and targets of one window, each (T, B) int64; targets are the inputs one token later."""
        offset = int(np.random.default_rng((self.seed, epoch)).integers(self.slack + 1))
        first = offset + index * self.window
        size = min(self.window, self.length - index * self.window)
        starts = [first + stream * self.length for stream in range(self.batch_size)]
        rows = _rows(self.ids, starts, size + 1)
        return rows[:-1], rows[1:]


def _rows(ids: NDArray[Any], starts: Sequence[int], size: int) -> Tensor:
    """(size, len(starts)): column b holds ids[starts[b] : starts[b] + size]."""
    columns = [np.asarray(ids[start : start + size], dtype=np.int64) for start in starts]
    return torch.from_numpy(np.stack(columns, axis=1))
