"""A state: `(h,)`, or `(h, c)` of the LSTM."""

from ostinato.kernels._arrays import Array, Shape
from ostinato.kernels._cells import Kind
from ostinato.kernels._weights import Sizes

State = tuple[Array, ...]


def state_shapes(kind: Kind, B: int, sizes: Sizes) -> tuple[Shape, ...]:
    """The shape of each array of a state of B rows."""
    _, H, R = sizes
    return ((B, R), (B, H)) if kind == "lstm" else ((B, R),)


def state_names(argument: str) -> tuple[str, str]:
    """What messages call the arrays of a state that is given as this argument."""
    return f"h of {argument}", f"c of {argument}"
