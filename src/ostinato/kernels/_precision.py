"""Weights in fewer bits, for steps: the two large matrices are rounded, biases and a projection are not.

What a step makes of them, as an equation:

- bfloat16: W x with W rounded to the 8 significant bits of a bfloat16, and sums in float32.
- int8: W ≈ s⊙Q, Q whole numbers from −127 to 127 and s a scale for each row; x ≈ t·P, P whole numbers from
  −32767 to 32767 and t one scale for all of x. Then W x ≈ s·t⊙(Q P), and sums of whole numbers are exact.
"""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ostinato.kernels._arrays import Array
from ostinato.kernels._cells import Weights

Precision = Literal["float32", "bfloat16", "int8"]

PRECISIONS: dict[Precision, int] = {"float32": 0, "bfloat16": 1, "int8": 2}
"""The numbers of csrc/api.h's `Precision`."""

MOST_INT8, MOST_INT16 = 127, 32767


class StackLayer(NamedTuple):
    """A layer's weights as a step holds them, in the order in which csrc/bind_stack.cpp reads them."""

    w_ih: Array
    w_hh: Array
    b_ih: Array | None
    b_hh: Array | None
    w_hr: Array | None
    ih_scale: Array | None = None
    hh_scale: Array | None = None


def reduced(weights: Weights, precision: Precision) -> StackLayer:
    """A layer's weights in a precision; those of int8 are Q, and have scales."""
    layer = StackLayer(*weights)
    if precision == "bfloat16":
        return layer._replace(w_ih=round_bfloat16(layer.w_ih), w_hh=round_bfloat16(layer.w_hh))
    if precision == "int8":
        (q_ih, ih_scale), (q_hh, hh_scale) = quantise_rows(layer.w_ih), quantise_rows(layer.w_hh)
        return layer._replace(w_ih=q_ih, w_hh=q_hh, ih_scale=ih_scale, hh_scale=hh_scale)
    return layer


def round_bfloat16(numbers: Array) -> Array:
    """To the nearest number with 8 significant bits, of two as near to the even one. NaN stays NaN."""
    bits = numbers.view(np.uint32)
    rounded = (bits + 0x7FFF + (bits >> 16 & 1)) & np.uint32(0xFFFF0000)
    return np.where(np.isnan(numbers), np.float32(np.nan), rounded.view(np.float32))


def quantise_rows(matrix: Array) -> tuple[Array, Array]:
    """Q, whole numbers as float32, and s: each row's largest magnitude ÷ 127; NaN, if that is not finite."""
    largest = np.abs(matrix).max(axis=1, keepdims=True)
    scale = np.where(np.isfinite(largest), largest / np.float32(MOST_INT8), np.float32(np.nan))
    with np.errstate(divide="ignore", invalid="ignore"):
        whole = np.rint(matrix / scale)
    return np.where(np.isfinite(whole), whole, 0).astype(np.float32), scale[:, 0].astype(np.float32)


def quantise_vectors(x: Array) -> tuple[NDArray[np.int64], Array]:
    """P and t of each row of (B, I): the row's largest magnitude ÷ 32767; NaN, if that is not finite."""
    most = np.float32(MOST_INT16)
    largest = np.abs(x).max(axis=1, keepdims=True)
    usable = np.isfinite(largest) & (largest > 1e-30)
    inverse = most / np.where(usable, largest, np.float32(1))
    whole = np.rint(np.where(usable, x, np.float32(0)) * inverse).astype(np.int64)
    return whole, np.where(np.isfinite(largest), largest / most, np.float32(np.nan))[:, 0]


def int8_affine(x: Array, q: Array, scale: Array, bias: Array | None) -> NDArray[np.float64]:
    """W x + b for each row of x, as an int8 step computes it: the readable version."""
    whole, t = quantise_vectors(x)
    sums = whole @ q.astype(np.int64).T
    product = sums * scale.astype(np.float64) * t[:, np.newaxis]
    return np.asarray(product if bias is None else product + bias, np.float64)
