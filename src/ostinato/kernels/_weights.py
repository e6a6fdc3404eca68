"""The parameters of one direction: what sizes they stand for, and whether they fit together."""

from typing import NamedTuple

from ostinato._errors import InputError
from ostinato.kernels._arrays import Shape, each, given, wanted
from ostinato.kernels._cells import GATES, Floats, Kind, Weights

_GIVEN = tuple(f"{field} of weights" for field in Weights._fields)
_WANTED = tuple(f"{field} of dweights" for field in Weights._fields)


class Sizes(NamedTuple):
    """What a layer's weights say of it."""

    inputs: int
    """I"""
    hidden: int
    """H"""
    outputs: int
    """R"""


def weight_sizes(kind: Kind, weights: Weights) -> Sizes:
    """The sizes that the two large matrices have.

    Raises:
        InputError: There is no such cell.
        ValueError: These are not two matrices, or one has no elements.
    """
    if kind not in GATES:
        raise InputError(f"there is no cell {kind!r}: choose one of {', '.join(GATES)}")
    _, inputs = _matrix_shape(_GIVEN[0], weights[0])
    GH, R = _matrix_shape(_GIVEN[1], weights[1])
    return Sizes(inputs, max(1, GH // GATES[kind]), R)


def _matrix_shape(name: str, matrix: Floats) -> Shape:
    shape: Shape = getattr(matrix, "shape", ())
    if len(shape) != 2 or 0 in shape:
        raise ValueError(f"{name} has shape {shape}: give a matrix that is not empty")
    return shape


def given_weights(kind: Kind, sizes: Sizes, weights: Weights) -> Weights:
    """The parameters, each an input as `given` makes it.

    Raises:
        TypeError: One is not an array of float32.
        ValueError: They do not fit together.
    """
    if kind != "lstm" and weights[4] is not None:
        raise ValueError(f"w_hr of weights is given, and {kind!r} has no projection: leave it None")
    if weights[4] is not None and sizes.outputs >= sizes.hidden:
        raise ValueError(
            f"w_hr of weights projects {sizes.hidden} units to {sizes.outputs}: a projection is to fewer"
        )
    return Weights(*each(given, _GIVEN, weights, _shapes(kind, sizes, weights)))


def wanted_weights(weights: Weights, dweights: Weights) -> Weights:
    """The parameters' gradients, each an output as `wanted` makes it, or None where it is not wanted.

    Raises:
        TypeError: One is not an array of float32.
        ValueError: One does not fit, or is that of a parameter that is not there.
    """
    pairs = zip(weights, dweights, strict=False)
    shapes = [None if w is None or dw is None else w.shape for w, dw in pairs]
    return Weights(*each(wanted, _WANTED, dweights, shapes))


def _shapes(kind: Kind, sizes: Sizes, weights: Weights) -> tuple[Shape | None, ...]:
    inputs, H, R = sizes
    GH = GATES[kind] * H
    # Both biases or neither; and only a projection makes the outputs fewer than the hidden units.
    bias = None if weights[2] is None and weights[3] is None else (GH,)
    projection = None if weights[4] is None and R == H else (R, H)
    return (GH, inputs), (GH, R), bias, bias, projection
