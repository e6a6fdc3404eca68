"""Which part of a panel is to be forecast."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ostinato.data._panel import Panel


@dataclass(frozen=True)
class Stretch:
    """A panel, of which some steps are to be forecast; what is before them is history.

    Attributes:
        panel: all steps.
        begins: (series,) the first step of each series that is to be forecast; 0: as soon as there is
            history enough.
        stride: steps from one origin to the next.
        held_out: whether they were held out from training, so that nothing may be used that knows them.
    """

    panel: Panel
    begins: NDArray[np.int64]
    stride: int = 1
    held_out: bool = False

    @classmethod
    def whole(cls, panel: Panel) -> "Stretch":
        """All that there is history for."""
        return cls(panel, np.zeros(len(panel), np.int64))
