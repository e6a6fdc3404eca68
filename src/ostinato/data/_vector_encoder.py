"""Numeric sequences as a network reads them."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError
from ostinato.data._input_encoder import InputEncoder
from ostinato.data._scaler import Scaler


class VectorEncoder(InputEncoder):
    """Arrays (T, D), scaled column by column."""

    kind = "vectors"

    def __init__(self, scaler: Scaler) -> None:
        self.scaler = scaler

    @classmethod
    def learn(cls, inputs: Sequence[NDArray[np.float32]]) -> Self:
        """The scale of each column over all steps of all training sequences."""
        return cls(Scaler.learn(np.concatenate(inputs)))

    def encode(self, item: NDArray[np.float32]) -> NDArray[np.float32]:
        """(T, D) → (T, features)."""
        if item.shape[1] != self.scaler.columns:
            raise InputError(
                f"X has {item.shape[1]} columns, but the model was trained with {self.scaler.columns}: "
                f"give the same columns"
            )
        return self.scaler.transform(item)

    @property
    def element(self) -> tuple[int, ...]:
        """(features,): the columns and what marks their gaps."""
        return (self.scaler.features,)

    def to_json(self) -> dict[str, Any]:
        """The scaler."""
        return {"kind": self.kind, "scaler": self.scaler.to_json()}

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """The encoder that `to_json` described."""
        return cls(Scaler.from_json(value.get("scaler")))
