"""A layer's passes over another library's tensors, read where they are: no arrays in between.

What the numpy face does in Python for every array of every call takes longer than a small layer does.
"""

from collections.abc import Sequence
from typing import Any

from ostinato.kernels import _native
from ostinato.kernels._cells import KINDS, Kind


def forward_tensors(
    interface: Any,
    kind: Kind,
    inputs: tuple[Any, ...],
    y: Any,
    finals: Sequence[Any],
    kept: Sequence[Any] | None,
    threads: int,
) -> bool:
    """Run one layer, if everything is exactly as `forward` wants it: float32, dense, of shapes that fit.

    Args:
        interface: What the tensors' type has as `__dlpack_c_exchange_api__` (DLPack 1.3); None: it has none.
        kind: Which cell.
        inputs: (kind, x, states, weights, embedding, lengths, batch_sizes). states: h or h and c, each
            (D, B, ·). weights: those of the first direction, then those of the second, in torch's order.
            The others as `forward` takes them.
        y: Out, as in `forward`.
        finals: Out: as the states.
        kept: Out: what `kept_sizes` tells, each (D, ·, ·); or None.
        threads: How many to use at most.

    Returns:
        Whether it ran. If not, nothing was written, and `forward` copies what it can, or says what is wrong.

    Raises:
        InputError: A token is out of range.
        MemoryError: There is no memory for intermediate results.
    """
    number = KINDS.get(kind)
    return number is not None and _native.forward_tensors(interface, number, inputs, y, finals, kept, threads)


def backward_tensors(
    interface: Any,
    kind: Kind,
    inputs: tuple[Any, ...],
    y: Any,
    kept: Sequence[Any],
    dy: Any,
    dfinals: Sequence[Any],
    gradients: Sequence[Any],
    threads: int,
) -> bool:
    """Compute the gradients, if everything is exactly as `backward` wants it.

    Args:
        interface: As `forward_tensors` was given.
        kind: As `forward_tensors` was given.
        inputs: As `forward_tensors` was given.
        y: As `forward_tensors` left it.
        kept: As `forward_tensors` left it.
        dy: The loss's gradient of y; None: zeros.
        dfinals: That of each final state; None: zeros.
        gradients: Out: of x, of the embedding, of each state and of each weight; None for what is not wanted.
        threads: How many to use at most.

    Returns:
        Whether it ran, as with `forward_tensors`.

    Raises:
        InputError, MemoryError: As `forward_tensors`.
    """
    number = KINDS.get(kind)
    return number is not None and _native.backward_tensors(
        interface, number, inputs, y, kept, dy, dfinals, gradients, threads
    )
