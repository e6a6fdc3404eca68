"""One time step at a time, with weights that are packed once."""

from ostinato.kernels import _native
from ostinato.kernels._arrays import Array, each, given, given_sequence, wanted
from ostinato.kernels._cells import KINDS, Kind, Weights
from ostinato.kernels._states import state_names, state_shapes
from ostinato.kernels._weights import given_weights, weight_sizes

_STATE, _OUT = state_names("state"), state_names("out")


class Packed:
    """The weights of one direction of one layer, packed for `step`; a copy, in the kernels' own layout.

    They are packed for the instruction set in use, and stay with it.

    Args:
        kind: Which cell.
        weights: float32.

    Raises:
        TypeError: A weight is not an array of float32.
        ValueError: The weights do not fit together.
    """

    def __init__(self, kind: Kind, weights: Weights) -> None:
        self._kind = kind
        self._sizes = weight_sizes(kind, weights)
        self._native = _native.Packed(KINDS[kind], *self._sizes, given_weights(kind, self._sizes, weights))

    def step(self, x: Array, state: tuple[Array, ...], out: tuple[Array, ...]) -> None:
        """One time step of any number of rows; the same bits as one step of `forward`.

        Several threads may step with the same weights at once.

        Args:
            x: (B, I), the input; rows may lie apart.
            state: `(h,)` or `(h, c)`; (B, R) and (B, H).
            out: As `state`: where the new state is written. They may be the same arrays.

        Raises:
            TypeError: Something is not an array of float32.
            ValueError: Shapes do not fit, or an output is read-only or not contiguous.
        """
        B = len(x)
        shapes = state_shapes(self._kind, B, self._sizes)
        self._native.step(
            given_sequence("x", x, (B, self._sizes.inputs)),
            each(given, _STATE, state, shapes),
            each(wanted, _OUT, out, shapes),
        )
