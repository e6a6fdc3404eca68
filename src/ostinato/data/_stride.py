"""How far apart the windows are in which a network reads series of numbers."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError
from ostinato.data._scaler import Scaler

_WINDOWS = 50  # that a sequence of median length is read in
_LONGEST = 1 << 20
_LARGEST = 1e30  # change, of numbers that are scaled themselves


@dataclass(frozen=True)
class Stride:
    """Windows of a series: how far apart, and on which scale their changes are.

    Attributes:
        steps: from a window to the next.
        changes: (features,) the standard deviation of each feature's change over so many steps, 1 where it
            never changed.
    """

    steps: int
    changes: tuple[float, ...]

    @classmethod
    def learn(cls, sequences: Sequence[NDArray[np.float32]]) -> Self:
        """Such that a sequence of median length has about 50 windows; sequences are scaled, (T, features)."""
        length = float(np.median([len(x) for x in sequences]))
        steps = min(max(1, round(length / _WINDOWS)), _LONGEST)
        changes = np.concatenate([x - x[np.maximum(np.arange(len(x)) - steps, 0)] for x in sequences])
        return cls(steps, tuple(Scaler.learn(changes).scale.tolist()))

    def to_json(self) -> dict[str, Any]:
        """Its attributes, JSON-able."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Any, features: int) -> Self:
        """The stride that `to_json` described.

        Raises:
            InputError: `value` is anything else, or of another number of features.
        """
        value = value if isinstance(value, dict) else {}
        steps, changes = value.get("steps"), value.get("changes")
        if type(steps) is not int or not 1 <= steps <= _LONGEST:
            raise InputError(f"a stride's steps must be 1 to {_LONGEST}, not {steps!r}; save it anew")
        if not (
            isinstance(changes, (list, tuple))
            and len(changes) == features
            and all(type(change) is float and 1 / _LARGEST <= change <= _LARGEST for change in changes)
        ):
            raise InputError(f"a stride needs {features} changes, finite and above 0; save it anew")
        return cls(steps, tuple(changes))
