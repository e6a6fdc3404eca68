"""The baseline of generated texts: counted n-grams, for each class its own."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError
from ostinato.data import Ragged
from ostinato.tasks._ngram import NGram

_ORDER = 4
_FEWEST = 20  # texts of a class that has an n-gram of its own
_ALL, _CLASS = "all", re.compile(r"class_(0|[1-9][0-9]{0,8})")


class ClassNGram:
    """A 4-gram for each class that has texts enough, and one of all texts for the others.

    Each text is counted between three beginnings, so that its first token is told by no other text, and its
    end.

    Args:
        every: of all texts.
        classes: class → its own.
    """

    def __init__(self, every: NGram, classes: Mapping[int, NGram]) -> None:
        self.every = every
        self.classes = classes

    @classmethod
    def fit(cls, conditions: NDArray[Any], texts: Ragged, ids: int) -> Self:
        """Count texts of ids 0 … ids - 1, the last of which is the beginning; classes are (n,) int64.

        Conditions of other types have no classes.
        """
        classes: dict[int, NGram] = {}
        for label, rows in _groups(conditions):
            if label >= 0 and len(rows) >= _FEWEST:
                classes[label] = NGram.fit(_stream(texts, rows, ids)[0], ids, _ORDER)
        stream, _ = _stream(texts, np.arange(len(texts)), ids)
        return cls(NGram.fit(stream, ids, _ORDER), classes)

    @property
    def name(self) -> str:
        """What it is."""
        return "a 4-gram for each class" if self.classes else "a 4-gram that does not see what is asked for"

    def nats(self, conditions: NDArray[Any], texts: Ragged) -> NDArray[np.float64]:
        """(n,) −log p of each text, its end included."""
        nats = np.zeros(len(texts))
        for label, rows in _groups(conditions):
            ngram = self.classes.get(label, self.every)
            stream, real = _stream(texts, rows, ngram.vocabulary_size)
            logs = np.where(real, ngram.log_probabilities(stream), 0.0)
            nats[rows] = -np.add.reduceat(logs, _starts(texts, rows))
        return nats

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Those of each n-gram, under its name."""
        ngrams = {_ALL: self.every, **{f"class_{label}": ngram for label, ngram in self.classes.items()}}
        return {
            f"{name}.{key}": array
            for name, ngram in ngrams.items()
            for key, array in ngram.to_arrays().items()
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], ids: int, num_classes: int) -> Self:
        """Rebuild what `to_arrays` gave, for so many ids and classes; `InputError` for anything else."""
        groups: dict[str, dict[str, NDArray[Any]]] = {}
        for name, array in arrays.items():
            group, _, key = name.partition(".")
            groups.setdefault(group, {})[key] = array
        ngrams = {group: NGram.from_arrays(found) for group, found in groups.items()}
        for name, ngram in ngrams.items():
            label = _CLASS.fullmatch(name)
            if name != _ALL and not (label and int(label[1]) < num_classes):
                raise InputError(f"{name} is no class of this model: save it again")
            if ngram.vocabulary_size != ids:
                raise InputError(
                    f"{name} counts {ngram.vocabulary_size} tokens, not {ids}: save the model again"
                )
        if _ALL not in ngrams:
            raise InputError("the n-gram of all texts is missing: save the model again")
        return cls(ngrams.pop(_ALL), {int(name.partition("_")[2]): ngram for name, ngram in ngrams.items()})


def _groups(conditions: NDArray[Any]) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Each class and its rows; all rows as class -1 where there are no classes."""
    labels = conditions if conditions.dtype == np.int64 else np.full(len(conditions), -1)
    order = np.argsort(labels, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(labels[order])) + 1):
        if len(rows):
            yield int(labels[rows[0]]), rows


def _stream(texts: Ragged, rows: NDArray[np.int64], ids: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Some texts end to end, three beginnings before each; and which tokens are no beginnings."""
    begin = np.full(_ORDER - 1, ids - 1)
    stream = np.concatenate([part for row in rows for part in (begin, texts[int(row)])])
    return stream, stream != ids - 1


def _starts(texts: Ragged, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    lengths = texts.lengths[rows] + _ORDER - 1
    return np.cumsum(lengths) - lengths
