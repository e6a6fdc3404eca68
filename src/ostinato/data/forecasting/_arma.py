"""ARMA(1, 1): how the errors of a regression hang together."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Arma(NamedTuple):
    """v_t = u_t + e_t, u_{t+1} = φ u_t + (φ - θ) e_t, with e_t independent of all before.

    φ = 1 is a random walk seen through noise, forecast by exponential smoothing with the weight 1 - θ.
    """

    phi: float
    theta: float

    def weights(self, horizon: int) -> NDArray[np.float64]:
        """(H,) ψ_j: what an innovation adds to the value j steps later."""
        psi = (self.phi - self.theta) * self.phi ** np.arange(horizon - 1)
        return np.concatenate([[1.0], psi])


def innovations(
    columns: NDArray[np.float64], observed: NDArray[np.bool_], errors: list[Arma]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The innovations e of each column, and what is expected of it before each step, under several models.

    Args:
        columns: (T, p).
        observed: (T,) whether the step is; of others there is no innovation.
        errors: n models.

    Returns:
        e (T, n, p), 0 where nothing was observed, and u (T + 1, n, p).
    """
    T, p = columns.shape
    phi, theta = (np.array(each)[:, None] for each in zip(*errors, strict=True))
    e, u = np.zeros((T, len(errors), p)), np.zeros((T + 1, len(errors), p))
    for t, is_there in enumerate(observed.tolist()):
        u[t + 1] = phi * u[t]
        if is_there:
            e[t] = columns[t] - u[t]
            u[t + 1] += (phi - theta) * e[t]
    return e, u
