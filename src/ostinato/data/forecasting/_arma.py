"""ARMA(2, 1): how the errors of a regression hang together."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Arma(NamedTuple):
    """(1 - φB)(1 - ρB) v_t = (1 - θB) e_t with B v_t = v_{t-1}, and e_t independent of all before.

    As states, v_t = u_t + e_t, u_{t+1} = (φ + ρ) u_t + w_t + (φ + ρ - θ) e_t, w_{t+1} = -φρ (u_t + e_t).

    φ = 1, ρ = 0 is a random walk seen through noise, forecast by exponential smoothing with the weight 1 - θ;
    φ = 1, ρ > 0 one whose direction lasts for a while, a damped trend.
    """

    phi: float
    theta: float
    rho: float = 0.0

    def after(self, states: NDArray[np.float64], e: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        """(2, p) u and w a step later, after innovations e (p,); None: nothing came."""
        u, w = states
        e = np.zeros_like(u) if e is None else e
        both = self.phi + self.rho
        return np.stack([both * u + w + (both - self.theta) * e, -self.phi * self.rho * (u + e)])

    def decay(self, horizon: int) -> NDArray[np.float64]:
        """(H, 2) what a step j steps later is expected to be, as multiples of u and w."""
        rows = np.empty((horizon, 2))
        u, w = 1.0, 0.0
        for step in range(horizon):
            rows[step] = u, w
            u, w = u * (self.phi + self.rho) - w * self.phi * self.rho, u
        return rows

    def weights(self, horizon: int) -> NDArray[np.float64]:
        """(H,) ψ_j: what an innovation adds to the value j steps later."""
        first = np.array([self.phi + self.rho - self.theta, -self.phi * self.rho])
        return np.concatenate([[1.0], self.decay(horizon - 1) @ first])


def innovations(
    columns: NDArray[np.float64], observed: NDArray[np.bool_], errors: list[Arma]
) -> NDArray[np.float64]:
    """The innovations e of each column under several models.

    Args:
        columns: (T, p).
        observed: (T,) whether the step is; of others there is no innovation.
        errors: n models.

    Returns:
        (T, n, p), 0 where nothing was observed.
    """
    T, p = columns.shape
    phi, theta, rho = (np.array(each)[:, None] for each in zip(*errors, strict=True))
    both, product = phi + rho, phi * rho
    e, u, w = np.zeros((T, len(errors), p)), np.zeros((len(errors), p)), np.zeros((len(errors), p))
    for t, is_there in enumerate(observed.tolist()):
        if is_there:
            e[t] = columns[t] - u
        u, w = both * u + w + (both - theta) * e[t], -product * (u + e[t])
    return e
