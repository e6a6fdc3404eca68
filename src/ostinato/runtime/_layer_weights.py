"""A stack of layers from arrays named as PyTorch names them: which there are, and whether they fit."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from ostinato._errors import InputError, one_line
from ostinato.kernels import GATES, Kind, Weights

Arrays = Mapping[str, NDArray[Any]]
Shape = tuple[int, ...]

_FIELDS = {
    "weight_ih": "w_ih",
    "weight_hh": "w_hh",
    "bias_ih": "b_ih",
    "bias_hh": "b_hh",
    "weight_hr": "w_hr",
}
_NAME = re.compile(rf"({'|'.join(_FIELDS)})(?:_l(\d{{1,4}})(_reverse)?)?")


class Stack(NamedTuple):
    """What the arrays of a stack of layers say of it."""

    kind: Kind
    layers: tuple[tuple[Weights, ...], ...]
    """The weights by layer, then by direction: float32, dense, copies."""
    inputs: int
    """I"""
    hidden: int
    """H"""
    outputs: int
    """R, of one direction: H, or the size of the LSTM's projection."""


def read_stack(kind: Kind, arrays: Arrays, prefix: str) -> Stack:
    """Find the layers whose names begin with `prefix`. Other names are not looked at.

    Args:
        kind: Which cell.
        arrays: A `state_dict` of PyTorch's: `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0`, …; `…_reverse` of
            the backward direction; `weight_hr_l0` of a projection. Or the names of a cell, without `_l0`.
        prefix: What comes before each name, with its dot: `"encoder.lstm."`.

    Raises:
        InputError: Something is missing, or is not a matrix of numbers of the size it should have.
    """
    found = _found(arrays, prefix)
    H, R, inputs = _sizes(kind, found, prefix)
    directions = ("", "_reverse") if any(name.endswith("_reverse") for name in found) else ("",)
    layers, width = [], inputs
    for layer in range(_layer_count(found)):
        shapes = _shapes(GATES[kind] * H, width, H, R)
        suffixes = [f"_l{layer}{direction}" for direction in directions]
        layers.append(tuple(_weights(found, prefix, suffix, shapes) for suffix in suffixes))
        width = len(directions) * R
    return Stack(kind, tuple(layers), inputs, H, R)


def read_arrays(path: Path, prefix: str) -> dict[str, NDArray[Any]]:
    """The arrays of a safetensors file that `read_stack` would look at.

    Raises:
        InputError: It cannot be read, or is damaged. No memory is taken because its header says so.
    """
    try:
        with safe_open(path, framework="numpy") as file:
            names = [name for name in file.keys() if _matched(name, prefix)]  # noqa: SIM118
            return {name: file.get_tensor(name) for name in names}
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or one_line(error)}") from error
    except (SafetensorError, ValueError, TypeError, AttributeError, KeyError) as error:
        raise InputError(f"{path} is not a safetensors file of numpy's types: {one_line(error)}") from error


def _matched(name: str, prefix: str) -> re.Match[str] | None:
    return _NAME.fullmatch(name.removeprefix(prefix)) if name.startswith(prefix) else None


def _found(arrays: Arrays, prefix: str) -> dict[str, NDArray[Any]]:
    """The arrays by their names without the prefix, those of a cell as those of layer 0."""
    found: dict[str, NDArray[Any]] = {}
    for whole, array in arrays.items():
        match = _matched(whole, prefix)
        if match is None:
            continue
        name = f"{match[1]}_l{int(match[2] or 0)}{match[3] or ''}"
        if name in found:
            raise InputError(f"{whole} is there under a second name too: leave out one")
        if not isinstance(array, np.ndarray) or array.dtype.kind != "f":
            kind = array.dtype if isinstance(array, np.ndarray) else f"a {type(array).__name__}"
            raise InputError(f"{whole} is {kind}: give a numpy array of floating-point numbers")
        found[name] = array
    if not found:
        names = ", ".join(list(arrays)[:5]) or "none at all"
        raise InputError(
            f"no array is named {prefix}weight_ih_l0; there are {names}: give the prefix of the layer"
        )
    return found


def _sizes(kind: Kind, found: Arrays, prefix: str) -> tuple[int, int, int]:
    """H, R and I as the first layer's two large matrices have them."""
    for name in ("weight_ih_l0", "weight_hh_l0"):
        if name not in found:
            raise InputError(f"{prefix}{name} is missing")
        if found[name].ndim != 2 or 0 in found[name].shape:
            raise InputError(f"{prefix}{name} has shape {found[name].shape}: give a matrix that is not empty")
    rows, R = found["weight_hh_l0"].shape
    G = GATES[kind]
    projected = kind == "lstm" and "weight_hr_l0" in found
    if rows % G or (rows // G <= R if projected else rows != G * R):
        cell = kind.partition("_")[0].upper()
        due = f"{G}·H rows and " + ("fewer than H columns" if projected else "H columns")
        raise InputError(
            f"{prefix}weight_hh_l0 has shape {(rows, R)}: of {cell} it has {due}; is it another cell's?"
        )
    return rows // G, R, found["weight_ih_l0"].shape[1]


def _layer_count(found: Arrays) -> int:
    # Of the names, the layers are those up to the last one that has any; `_weights` tells a gap.
    return 1 + max(int(name.removesuffix("_reverse").rpartition("_l")[2]) for name in found)


def _shapes(GH: int, width: int, H: int, R: int) -> dict[str, Shape]:
    """Of one direction, whose input has `width` numbers."""
    shapes: dict[str, Shape] = {
        "weight_ih": (GH, width),
        "weight_hh": (GH, R),
        "bias_ih": (GH,),
        "bias_hh": (GH,),
    }
    return shapes if R == H else shapes | {"weight_hr": (R, H)}


def _weights(found: Arrays, prefix: str, suffix: str, shapes: Mapping[str, Shape]) -> Weights:
    """Those of one direction of one layer; both biases or none."""
    fields = {}
    biases = [stem for stem in ("bias_ih", "bias_hh") if stem + suffix in found]
    for stem in _FIELDS:
        name = stem + suffix
        if stem in shapes and (biases or not stem.startswith("bias")):
            if name not in found:
                raise InputError(f"{prefix}{name} is missing")
            if found[name].shape != shapes[stem]:
                raise InputError(
                    f"{prefix}{name} has shape {found[name].shape}: beside the others it is {shapes[stem]}"
                )
            fields[_FIELDS[stem]] = np.array(found[name], np.float32, order="C")
        elif name in found:
            raise InputError(
                f"{prefix}{name} is given, and this layer has none: are these another cell's weights?"
            )
    return Weights(**fields)
