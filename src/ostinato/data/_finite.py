"""Numbers of a network of which something is made."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError


def check_finite(outputs: NDArray[Any], called: str = "outputs") -> NDArray[Any]:
    """The outputs themselves, if they are finite.

    Args:
        outputs: of any shape.
        called: what the complaint calls them.

    Raises:
        InputError: one is infinite or NaN.
    """
    if not np.isfinite(outputs).all():
        raise InputError(
            f"the model's {called} are not all finite: its weights are of no use, train it again"
        )
    return outputs
