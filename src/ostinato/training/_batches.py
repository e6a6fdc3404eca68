"""Examples in a new order each epoch, some at a time."""

import numpy as np
from numpy.typing import NDArray


class ShuffledBatches:
    """The batches of a run, addressed by (epoch, index): nothing to rewind or to save when a run resumes.

    Sequences of any lengths come together: what a batch costs is its steps, not its padding.

    Args:
        count: examples, numbered 0 … count - 1.
        batch_size: examples a step; the last of an epoch may have fewer.
        seed: of the order, with the epoch.
    """

    def __init__(self, count: int, batch_size: int, seed: int) -> None:
        self.count = count
        self.batch_size = min(batch_size, count)
        self.seed = seed
        self._epoch, self._order = -1, np.zeros(0, np.int64)

    @property
    def steps_per_epoch(self) -> int:
        """Batches in an epoch."""
        return -(-self.count // self.batch_size)

    def __call__(self, epoch: int, index: int) -> NDArray[np.int64]:
        """(B,) numbers of the examples of one batch."""
        if epoch != self._epoch:  # kept, for a permutation of many takes its time
            self._epoch, self._order = (
                epoch,
                np.random.default_rng((self.seed, epoch)).permutation(self.count),
            )
        return self._order[index * self.batch_size : (index + 1) * self.batch_size]
