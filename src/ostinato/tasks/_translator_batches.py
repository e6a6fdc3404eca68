"""Pairs in a new order each epoch, those of similar length together: a batch is hardly padded."""

import math

import numpy as np
from numpy.typing import NDArray

_POOL = 20  # batches' worth of pairs that are sorted together
_TOKENS = 1250  # read and written in a usual batch
_FEWEST, _MOST = 8, 256  # pairs in one


class LengthBatches:
    """The batches of a run, addressed by (epoch, index): nothing to rewind or to save when a run resumes.

    Args:
        lengths: (n,) of the pairs, numbered 0 … n - 1.
        batch_size: pairs a step; the last of an epoch may have fewer. None: a power of 2, from 8 to 256,
            so that about 1,250 tokens are read and written.
        seed: of the order, with the epoch.
    """

    def __init__(self, lengths: NDArray[np.int64], batch_size: int | None, seed: int) -> None:
        self.lengths = lengths
        self.batch_size = min(batch_size or _usual(lengths), len(lengths))
        self.seed = seed
        self._epoch, self._batches = -1, [np.zeros(0, np.int64)]

    @property
    def steps_per_epoch(self) -> int:
        """Batches in an epoch."""
        return -(-len(self.lengths) // self.batch_size)

    def __call__(self, epoch: int, index: int) -> NDArray[np.int64]:
        """(B,) numbers of the pairs of one batch."""
        if epoch != self._epoch:  # kept, for sorting many takes its time
            self._epoch, self._batches = epoch, self._batches_of(epoch)
        return self._batches[index]

    def _batches_of(self, epoch: int) -> list[NDArray[np.int64]]:
        random = np.random.default_rng((self.seed, epoch))
        pairs = random.permutation(len(self.lengths))
        pools = _cut(pairs, _POOL * self.batch_size)
        sorted_pools = (pool[np.argsort(self.lengths[pool], kind="stable")] for pool in pools)
        batches = [batch for pool in sorted_pools for batch in _cut(pool, self.batch_size)]
        return [batches[number] for number in random.permutation(len(batches))]


def _usual(lengths: NDArray[np.int64]) -> int:
    """How many pairs of these lengths have the usual number of tokens."""
    pairs = 1 << max(0, round(math.log2(_TOKENS / float(lengths.mean()))))
    return min(max(pairs, _FEWEST), _MOST)


def _cut(pairs: NDArray[np.int64], size: int) -> list[NDArray[np.int64]]:
    return np.split(pairs, range(size, len(pairs), size))
