"""The scores of neighbouring labels: the twin of `ostinato.nn.LinearChainCRF`, without torch."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ostinato.data import log_sum_exp
from ostinato.runtime._linear import Floats, Shapes
from ostinato.runtime._stepper import State

Doubles = NDArray[np.float64]

_PREFIX = "crf."


class LinearChainCRF:
    """The linear-chain conditional random field of Lafferty, McCallum & Pereira (2001).

    Labels y_1 … y_T have the score
    start[y_1] + Σ_t emission_t[y_t] + Σ_t transitions[y_{t-1}, y_t] + end[y_T].

    Args:
        weights: `crf.start` (K,), `crf.end` (K,) and `crf.transitions` (K, K).
    """

    def __init__(self, weights: Mapping[str, Floats]) -> None:
        self.start, self.end, self.transitions = (weights[name] for name in self.shapes(0))

    @staticmethod
    def shapes(labels: int) -> Shapes:
        """Of the weights of so many labels, by name."""
        shapes = {"start": (labels,), "end": (labels,), "transitions": (labels, labels)}
        return {_PREFIX + name: shape for name, shape in shapes.items()}

    def decode(self, emissions: Floats) -> NDArray[np.int64]:
        """(T,) the most probable labels of a sequence's emissions (T, K), by Viterbi's algorithm."""
        best, came_from = self.start + emissions[0], []
        for emission in emissions[1:]:
            scores = best[:, None] + self.transitions
            came_from.append(scores.argmax(0))
            best = scores.max(0) + emission
        labels = [int((best + self.end).argmax())]
        for previous in reversed(came_from):
            labels.append(int(previous[labels[-1]]))
        return np.array(labels[::-1], np.int64)

    def marginals(self, emissions: Floats) -> Doubles:
        """(T, K) the probability of each label at each step, given the whole sequence.

        By the forward–backward algorithm.
        """
        T, K = emissions.shape
        scores, transitions = emissions.astype(np.float64), self.transitions.astype(np.float64)
        forward, backward = np.empty((T, K)), np.empty((T, K))
        forward[0], backward[-1] = self.start + scores[0], self.end
        for t in range(1, T):
            forward[t] = log_sum_exp(forward[t - 1][:, None] + transitions, 0) + scores[t]
        for t in range(T - 2, -1, -1):
            backward[t] = log_sum_exp(transitions + (scores[t + 1] + backward[t + 1]), 1)
        logs = forward + backward
        marginals = np.exp(logs - log_sum_exp(logs, 1)[:, None])
        shares: Doubles = marginals / marginals.sum(1, keepdims=True)
        return shares

    def begin(self, n: int) -> State:
        """What `filter` needs to know of no steps: (n, K), and (n, 1) how many there were."""
        return np.zeros((n, len(self.start))), np.zeros((n, 1), np.int64)

    def filter(self, emissions: Floats, real: NDArray[np.bool_], state: State) -> State:
        """Take in one step's emissions (n, K) of the rows that have one: real (n, 1).

        Returns:
            (n, K) the logarithm of the probability of each label of the step, given all steps until then, by
            the forward algorithm; and the count.
        """
        before, count = state
        reached = log_sum_exp(before[:, :, None] + self.transitions, 1)
        scores = np.where(count == 0, self.start, reached) + emissions
        logs = scores - log_sum_exp(scores, 1)[:, None]
        return np.where(real, logs, before), count + real
