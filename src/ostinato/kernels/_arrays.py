"""Arrays as the kernels take them: float32, of the shape that is due, dense where they must be.

An input that lies otherwise in memory is copied; an output never is. All of it runs at every call, so the
first question each time is the one that settles the common case.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError

Array = NDArray[np.float32]
Shape = tuple[int, ...]

_FLOAT32 = np.dtype(np.float32)


def check_array(name: str, array: Any, shape: Shape | None = None, dtype: Any = _FLOAT32) -> None:
    """What a user gave, told to a user.

    Raises:
        InputError: It is not an array of this type, or not of this shape.
    """
    due = np.dtype(dtype)
    if not isinstance(array, np.ndarray):
        raise InputError(f"{name} is a {type(array).__name__}: give a numpy array of {due}")
    if array.dtype != due:
        raise InputError(f"{name} has dtype {array.dtype}: give {due}")
    if shape is not None and array.shape != shape:
        raise InputError(f"{name} has shape {array.shape}: here it is {shape}")


def given(name: str, array: Array, shape: Shape) -> Array:
    """An input, dense.

    Raises:
        TypeError: It is not an array of float32.
        ValueError: It has another shape.
    """
    if isinstance(array, np.ndarray) and array.dtype is _FLOAT32 and array.shape == shape:
        flags = array.flags
        if flags.c_contiguous and flags.aligned:
            return array
    _check(name, array, shape)
    return array if _dense(array) else array.astype(np.float32, order="C")


def wanted(name: str, array: Array, shape: Shape) -> Array:
    """An output, dense.

    Raises:
        TypeError: It is not an array of float32.
        ValueError: It has another shape, is read-only or is not contiguous.
    """
    if (
        isinstance(array, np.ndarray)
        and array.dtype is _FLOAT32
        and array.shape == shape
        and array.flags.carray
    ):
        return array
    _check(name, array, shape)
    if not (_dense(array) and array.flags.writeable):
        raise _unfit(name, array, "contiguous")
    return array


def given_sequence(name: str, array: Array, shape: Shape) -> Array:
    """As `given`, for vectors that may lie apart: only the last dimension is dense."""
    _check(name, array, shape)
    return array if _dense_vectors(array) else array.copy()


def wanted_sequence(name: str, array: Array, shape: Shape) -> Array:
    """As `wanted`, for vectors that may lie apart: only the last dimension is dense."""
    _check(name, array, shape)
    if not (_dense_vectors(array) and array.flags.writeable):
        raise _unfit(name, array, "contiguous in its last dimension")
    return array


def each(
    check: Callable[[str, Array, Shape], Array],
    names: Sequence[str],
    arrays: Sequence[Array | None],
    shapes: Sequence[Shape | None],
) -> tuple[Any, ...]:
    """Several arrays of one argument, in the order of their names; None where there is no shape.

    Raises:
        TypeError, ValueError: From `check`; or there are too few arrays, or too many.
    """
    if len(arrays) != len(shapes):
        raise ValueError(f"{len(arrays)} arrays for {', '.join(names[: len(shapes)])}: give each of them")
    checked: list[Array | None] = []
    for name, array, shape in zip(names, arrays, shapes, strict=False):
        if shape is not None:
            checked.append(check(name, array, shape))  # type: ignore[arg-type]  # None is told by `check`
        elif array is None:
            checked.append(None)
        else:
            raise ValueError(f"{name} is given, and this layer has none: leave it None")
    return tuple(checked)


def _check(name: str, array: Array, shape: Shape) -> None:
    if not isinstance(array, np.ndarray):
        raise TypeError(f"{name} is a {type(array).__name__}: give a numpy array of float32")
    if array.dtype != _FLOAT32:
        raise TypeError(f"{name} has dtype {array.dtype}: give float32")
    if array.shape != shape:
        raise ValueError(f"{name} has shape {array.shape}: with these weights and this input it is {shape}")


def _dense(array: NDArray[Any]) -> bool:
    return array.flags.c_contiguous and array.flags.aligned


def _dense_vectors(array: NDArray[Any]) -> bool:
    return array.flags.aligned and (array.strides[-1] == array.itemsize or array.shape[-1] == 1)


def _unfit(name: str, array: Array, layout: str) -> ValueError:
    if not array.flags.writeable:
        return ValueError(f"{name} is read-only: give an array that can be written to")
    return ValueError(f"{name} has strides {array.strides}: give an array that is {layout}, and aligned")
