"""A linear layer, and what a network does with its weights besides the recurrent layers."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Shapes = dict[str, tuple[int, ...]]


class Linear:
    """y = W x + b for each of many rows: the same bits for a row whatever others are beside it.

    One product of two matrices would be quicker, but libraries then add up in an order that depends on how
    many rows there are. Here each row is a product of a matrix with a vector.

    Args:
        weights: `weight` (K, I) and, where there is one, `bias` (K,).
        prefix: what comes before these names, with its dot.
    """

    def __init__(self, weights: Mapping[str, Floats], prefix: str) -> None:
        self.weight = weights[prefix + "weight"]
        self.bias = weights.get(prefix + "bias")

    @staticmethod
    def shapes(prefix: str, inputs: int, outputs: int, *, bias: bool = True) -> Shapes:
        """Of the weights, by name."""
        shapes: Shapes = {prefix + "weight": (outputs, inputs)}
        return {**shapes, prefix + "bias": (outputs,)} if bias else shapes

    def __call__(self, x: NDArray[Any]) -> Floats:
        """(…, I) → (…, K)."""
        y: Floats = np.matmul(self.weight, x[..., None])[..., 0]
        return y if self.bias is None else y + self.bias
