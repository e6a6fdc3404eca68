"""Numeric sequences as a network reads them."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError
from ostinato.data._input_encoder import InputEncoder
from ostinato.data._scaler import Scaler
from ostinato.data._stride import Stride


class VectorEncoder(InputEncoder):
    """Arrays (T, D), scaled column by column.

    Args:
        scaler: of the columns.
        stride: of the windows that a network may read instead of single steps; None: none.
    """

    kind = "vectors"

    def __init__(self, scaler: Scaler, stride: Stride | None = None) -> None:
        self.scaler = scaler
        self.stride = stride

    @classmethod
    def learn(cls, inputs: Sequence[NDArray[np.float32]], *, windows: bool = False) -> Self:
        """The scale of each column over all steps of all training sequences, and the stride of windows."""
        scaler = Scaler.learn(np.concatenate(inputs))
        return cls(scaler, Stride.learn([scaler.transform(x) for x in inputs]) if windows else None)

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
        """The scaler, and the stride if there is one."""
        stride = {} if self.stride is None else {"stride": self.stride.to_json()}
        return {"kind": self.kind, "scaler": self.scaler.to_json(), **stride}

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """The encoder that `to_json` described."""
        scaler = Scaler.from_json(value.get("scaler"))
        return cls(scaler, Stride.from_json(value["stride"], scaler.features) if "stride" in value else None)
