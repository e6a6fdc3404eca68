"""Which tokens translate which: counted, before any network is trained."""

from typing import Self

import numpy as np
from numpy.typing import NDArray

from ostinato.data import Ragged

_ITERATIONS = 4
_RARE = 0.5  # added to a token's count: what is seen once proves little
_CELLS = 1 << 23  # pairs of tokens that are counted; of more sentences the first ones are


class TranslationTable:
    """How well tokens x of sources and y of targets go together: t(y | x) t(x | y), by IBM model 1 each way.

    (Brown et al. 1993)

    Args:
        keys: (n,) x · size + y, ascending.
        values: (n,) what belongs to them.
        size: more than any y.
    """

    def __init__(self, keys: NDArray[np.int64], values: NDArray[np.float64], size: int) -> None:
        self.keys = keys
        self.values = values
        self.size = size

    @classmethod
    def learn(cls, sources: Ragged, targets: Ragged) -> Self:
        """By expectation maximisation from pairs of sentences, one or more."""
        size = int(targets.values.max()) + 1
        cells = sources.lengths * targets.lengths
        count = max(1, int(np.searchsorted(np.cumsum(cells), _CELLS)))
        pairs = [(_places(sources, row), _places(targets, row)) for row in range(count)]
        at_x = np.concatenate([np.repeat(source, len(target)) for source, target in pairs])
        at_y = np.concatenate([np.tile(target, len(source)) for source, target in pairs])
        keys, cell = np.unique(sources.values[at_x] * size + targets.values[at_y], return_inverse=True)
        forward = _expected(cell, keys // size, at_y)
        backward = _expected(cell, keys % size, at_x)
        return cls(keys, forward * backward, size)

    def alignment(self, sources: NDArray[np.int64], targets: NDArray[np.int64]) -> NDArray[np.float32]:
        """How likely each token of targets comes of each of their sources.

        Args:
            sources: (S, B), negative where there is no token.
            targets: (T, B).

        Returns:
            (T, B, S), whose rows sum to 1, or to 0 where nothing is known to translate a token.
        """
        cells = sources.T * self.size + targets[..., None]
        wanted, cell = np.unique(cells, return_inverse=True)  # in order: neighbours are found together
        found = np.searchsorted(self.keys, wanted).clip(0, len(self.keys) - 1)
        values = np.where(self.keys[found] == wanted, self.values[found], 0.0)[cell].reshape(cells.shape)
        total = values.sum(-1, keepdims=True)
        shares: NDArray[np.float64] = np.divide(values, total, out=np.zeros_like(values), where=total > 0)
        return shares.astype(np.float32)


def _places(sentences: Ragged, row: int) -> NDArray[np.int64]:
    """Where the tokens of a sentence are among all."""
    return np.arange(sentences.offsets[row], sentences.offsets[row + 1])


def _expected(
    cell: NDArray[np.int64], given: NDArray[np.int64], place: NDArray[np.int64]
) -> NDArray[np.float64]:
    """t(b | a) of each key, where each place of b has its origin in one of the cells that name it.

    Args:
        cell: (N,) the key of each cell.
        given: (n,) a of each key.
        place: (N,) the place of each cell's b.
    """
    t = np.ones(len(given))
    for _ in range(_ITERATIONS):
        shares = t[cell]
        shares /= np.bincount(place, shares)[place]
        counts = np.bincount(cell, shares, len(given))
        t = counts / (np.bincount(given, counts)[given] + _RARE)
    return t
