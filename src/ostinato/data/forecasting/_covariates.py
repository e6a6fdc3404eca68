"""What goes along with the values of a series, as a network reads it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError
from ostinato.data._scaler import Scaler


@dataclass(frozen=True)
class Covariates:
    """Columns of numbers, brought to one scale.

    Attributes:
        names: of the columns.
        scaler: of them; None where there are none.
    """

    names: tuple[str, ...]
    scaler: Scaler | None

    @classmethod
    def learn(cls, names: Sequence[str], columns: Sequence[NDArray[np.float64]]) -> Self:
        """From columns (T_i, len(names)) of each training series."""
        return cls(tuple(names), Scaler.learn(np.concatenate(columns)) if names else None)

    @property
    def features(self) -> int:
        """The numbers of a step."""
        return 0 if self.scaler is None else self.scaler.features

    def transform(self, columns: NDArray[np.float64]) -> NDArray[np.float32]:
        """(T, len(names)), NaN where missing → (T, features), finite."""
        if self.scaler is None:
            return np.empty((len(columns), 0), np.float32)
        return self.scaler.transform(columns)

    def check(self, names: Sequence[str], kind: str) -> None:
        """InputError unless the columns are those of training, in their order."""
        if missing := [name for name in self.names if name not in names]:
            raise InputError(
                f"{kind} covariates that the model was trained with are missing: "
                f"{', '.join(map(repr, missing))}; give them too"
            )
        if unknown := [name for name in names if name not in self.names]:
            raise InputError(
                f"the model was trained without the {kind} covariate {unknown[0]!r}: leave it out, or train "
                f"with it"
            )
        if tuple(names) != self.names:
            raise InputError(
                f"the {kind} covariates are in another order than in training: give them as "
                f"{', '.join(self.names)}"
            )

    def to_json(self) -> dict[str, Any]:
        """Names and scaler."""
        return {"names": list(self.names), "scaler": None if self.scaler is None else self.scaler.to_json()}

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """What `to_json` described; `InputError` for anything else."""
        value = value if isinstance(value, dict) else {}
        names, scaler = value.get("names"), value.get("scaler")
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise InputError("covariates must have names; save the model anew")
        learned = None if scaler is None else Scaler.from_json(scaler)
        if len(names) != (0 if learned is None else learned.columns):
            raise InputError("covariates must be as many as their scales; save the model anew")
        return cls(tuple(names), learned)
