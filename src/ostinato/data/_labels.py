"""Labels and their numbers."""

from collections.abc import Iterable, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError
from ostinato.data._examples import named

_MOST = 1 << 20
_SHOWN = 12
_TYPES: dict[str, type | tuple[type, ...]] = {"b": bool, "i": int, "u": int, "f": (int, float), "U": str}


class Labels:
    """The distinct labels of training data, sorted, and their numbers 0 … K - 1.

    Args:
        classes: (K,) distinct and sorted: booleans, whole numbers, floats or strings.
    """

    def __init__(self, classes: NDArray[Any]) -> None:
        self.classes = classes
        self._ids = {label: index for index, label in enumerate(classes.tolist())}

    @classmethod
    def learn(cls, labels: Iterable[Any]) -> Self:
        """The labels that occur.

        Raises:
            InputError: they are not of one type, or a missing value is among them.
        """
        values = list(labels)
        try:
            array = np.asarray(values)
            classes = np.unique(array) if array.ndim == 1 else np.zeros(0, object)
        except (TypeError, ValueError):
            classes = np.zeros(0, object)
        if classes.dtype == object and values and all(isinstance(value, str) for value in values):
            classes = np.array(sorted(set(values)))
        if classes.dtype.kind not in _TYPES or (classes.dtype.kind == "f" and not np.isfinite(classes).all()):
            kinds = ", ".join(sorted({type(value).__name__ for value in values}))
            raise InputError(f"labels must be all strings or all numbers, none of them missing, not {kinds}")
        if classes.dtype.kind == "U" and not all(isinstance(value, str) for value in values):
            raise InputError("labels mix strings and numbers: give all as strings")
        _check_writable(classes)
        return cls(classes)

    def __len__(self) -> int:
        return len(self.classes)

    def encode(self, labels: Sequence[Any], places: Sequence[str]) -> NDArray[np.int64]:
        """(n,) numbers of labels.

        Args:
            labels: (n,).
            places: (n,) names for messages.

        Raises:
            InputError: labels that training never saw, each with its place.
        """
        ids = [self._ids.get(_plain(label), -1) for label in labels]
        if -1 in ids:
            unseen = [
                f"{place}: {label!r}" for place, label, i in zip(places, labels, ids, strict=True) if i < 0
            ]
            raise InputError(
                f"labels that were not seen in training ({self}): {named(unseen)}; add examples of them to "
                f"the training data, or leave these out"
            )
        return np.array(ids, np.int64)

    def decode(self, ids: NDArray[Any]) -> NDArray[Any]:
        """The labels of numbers, in their shape."""
        labels: NDArray[Any] = self.classes[ids]
        return labels

    def __str__(self) -> str:
        shown = ", ".join(map(str, self.classes[:_SHOWN].tolist()))
        return shown + (f" and {len(self) - _SHOWN} more" if len(self) > _SHOWN else "")

    def to_json(self) -> dict[str, Any]:
        """The labels and their type."""
        return {"type": self.classes.dtype.kind, "labels": self.classes.tolist()}

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """The labels that `to_json` described; safe for a stranger's JSON.

        Raises:
            InputError: `value` is anything else.
        """
        kind = value.get("type") if isinstance(value, dict) else None
        labels = value.get("labels") if isinstance(value, dict) else None
        if not isinstance(kind, str) or kind not in _TYPES or not isinstance(labels, list) or not labels:
            raise InputError("labels need a type and a list; save them anew")
        if len(labels) > _MOST or not all(isinstance(label, _TYPES[kind]) for label in labels):
            raise InputError("labels must all be of their type, and a million at most; save them anew")
        try:
            classes = np.array(labels, dtype=None if kind == "U" else f"{kind}{1 if kind == 'b' else 8}")
        except (OverflowError, ValueError) as error:
            raise InputError(f"labels are not what their type says ({error}); save them anew") from None
        if len(np.unique(classes)) != len(labels):
            raise InputError("labels must be distinct; save them anew")
        if kind == "f" and not np.isfinite(classes).all():
            raise InputError("labels must be finite; save them anew")
        _check_writable(classes)
        return cls(classes)


def _check_writable(classes: NDArray[Any]) -> None:
    """InputError for a lone surrogate, which can be written in JSON but in no file."""
    try:
        "".join(map(str, classes.tolist())).encode()
    except UnicodeEncodeError:
        raise InputError("labels hold a lone surrogate, which is no character: rename them") from None


def _plain(label: Any) -> Any:
    return label.item() if isinstance(label, np.generic) else label
