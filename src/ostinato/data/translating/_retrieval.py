"""The baseline of a translator: the translation of the most similar training sentence."""

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError
from ostinato.data.translating._ngram_index import NgramIndex

_MOST = 50_000  # pairs that are kept
_LARGEST = 1 << 26  # bytes of them, of either side
_AT_A_TIME = 1 << 22  # similarities
_SIDES = ("sources", "targets")


class NearestNeighbour:
    """Gives the target of the training source that is most similar to a sentence.

    Similar are sentences whose n-grams agree; see `NgramIndex`.

    Args:
        sources: of the training examples; texts or lists of tokens.
        targets: of the same.
    """

    name = "the target of the most similar training source"

    def __init__(self, sources: Sequence[Any], targets: Sequence[Any]) -> None:
        self.sources = sources
        self.targets = targets

    @classmethod
    def fit(cls, sources: Sequence[Any], targets: Sequence[Any]) -> Self:
        """Keep these; of very many the first ones."""
        sources, targets = sources[:_MOST], targets[:_MOST]
        sizes = accumulate(max(len(_line(a)), len(_line(b))) for a, b in zip(sources, targets, strict=True))
        count = max(1, sum(size <= _LARGEST for size in sizes))
        return cls(sources[:count], targets[:count])

    def predict(self, sources: Sequence[Any]) -> list[Any]:
        """A target for each."""
        return [self.targets[row] for row in self.nearest(sources)[0][:, 0].tolist()]

    def nearest(
        self, sources: Sequence[Any], count: int = 1, *, themselves: bool = False
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The most similar training sources of each, (n, k), and how similar they are, (n, k) from 0 to 1.

        Args:
            sources: n, one or more.
            count: k, the most similar one first; of fewer training sources all.
            themselves: whether these are the training sources; each one's neighbours are then others.
        """
        count = min(count, max(1, len(self.sources) - themselves))
        found, similar = [], []
        rows = max(1, _AT_A_TIME // len(self.sources))
        for begin in range(0, len(sources), rows):
            similarities = self._index.similarities(sources[begin : begin + rows])
            if themselves and len(self.sources) > 1:
                same = np.arange(begin, min(begin + len(similarities), len(self.sources)))
                similarities[same - begin, same] = -1
            found.append(_largest(similarities, count))
            similar.append(np.take_along_axis(similarities, found[-1], 1))
        return np.concatenate(found), np.concatenate(similar)

    @cached_property
    def _index(self) -> NgramIndex:
        return NgramIndex(self.sources)

    def to_arrays(self) -> dict[str, NDArray[np.uint8]]:
        """Sources and targets as lines of JSON."""
        return dict(zip(_SIDES, map(_bytes_of, (self.sources, self.targets)), strict=True))

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], kinds: tuple[str, str]) -> Self:
        """Rebuild what `to_arrays` gave, sources and targets of these kinds; else `InputError`."""
        if arrays.keys() != set(_SIDES):
            raise InputError("the baseline needs sources and targets: save the model again")
        sources, targets = (_sentences(arrays[name], kind) for name, kind in zip(_SIDES, kinds, strict=True))
        if not sources or not all(sources) or len(sources) != len(targets):
            raise InputError("the baseline needs sources and a target for each: save the model again")
        return cls(sources, targets)


def _largest(values: NDArray[np.float32], count: int) -> NDArray[np.int64]:
    """(n, count) where in each row (n, m) the largest are, the largest first, of equals the first."""
    rows = np.arange(len(values))
    left, places = values.copy(), []
    for _ in range(count):
        places.append(left.argmax(1))
        left[rows, places[-1]] = -np.inf
    return np.stack(places, axis=1)


def _line(sentence: Any) -> bytes:
    return json.dumps(sentence).encode() + b"\n"


def _bytes_of(sentences: Sequence[Any]) -> NDArray[np.uint8]:
    return np.frombuffer(b"".join(map(_line, sentences)), np.uint8)


def _sentences(array: NDArray[Any], kind: str) -> list[Any]:
    if array.dtype != np.uint8:
        raise InputError(f"the baseline's sentences are {array.dtype}, no bytes: save the model again")
    try:
        sentences = [json.loads(line) for line in array.tobytes().splitlines()]
    except (ValueError, RecursionError) as error:
        raise InputError(f"the baseline's sentences are no JSON ({error}): save the model again") from None
    for sentence in sentences:
        tokens = [sentence] if kind == "text" else sentence
        if not isinstance(tokens, list) or not all(isinstance(token, str) for token in tokens):
            raise InputError(f"a sentence of the baseline is no {kind}: save the model again")
    return sentences
