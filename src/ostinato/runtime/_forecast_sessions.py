"""What is kept of series that are followed, as the arrays of a stream's state, and back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError
from ostinato.data.forecasting import Belief, ForecastEncoder, Standing, Variance
from ostinato.runtime._forecast_progress import Followed, Progress
from ostinato.runtime._stepper import State

_LONGEST = 1 << 31  # steps


class Session(NamedTuple):
    """How far which series has come."""

    row: int
    progress: Progress


@dataclass(frozen=True)
class Sessions:
    """The layout of a state in which each of n sessions may follow another series.

    With E models of the errors and p terms at most, L steps that are remembered, A whose known covariates may
    be ahead, K numbers of those and P of others a step, its arrays are:

    - (n, 5) int64: which series; the steps so far; how many innovations will tell nothing; of how many the
      variance is; for how many steps ahead covariates are known.
    - (n, 1): the variance.
    - (E, 2, n, p + 1), (E, n, p), (E, p, n, p): `Belief`.
    - (3, n, L): the last values, surprises and deviations.
    - (L + A, n, K), (L, n, P) float32: the covariates.

    Attributes:
        followed: a series by its number.
        count: how many there are.
        encoder: of the forecaster.
        most_ahead: A.
    """

    followed: Callable[[int], Followed]
    count: int
    encoder: ForecastEncoder
    most_ahead: int

    def pack(self, sessions: Sequence[Session]) -> State:
        """The state of sessions, one at least."""
        models = [each.model for each in self.encoder.learned.values()]
        E, p = max(len(each.errors) for each in models), max(len(each.penalties) for each in models)
        L = max(self.encoder.context, *self.encoder.seasons, 1)
        every = [each.progress for each in sessions]
        beliefs = [each.standing.beliefs for each in every]
        states, coefficients, covariances = (
            [[getattr(belief, name) for belief in each] for each in beliefs]
            for name in ("states", "coefficients", "covariance")
        )
        recent = [[each.values, each.surprises, each.deviations] for each in every]
        return (
            np.array([_counts(each) for each in sessions], np.int64),
            np.array([[each.standing.variance.value] for each in every]),
            _stacked(states, (E, 2, p + 1)),
            _stacked(coefficients, (E, p)),
            _stacked(covariances, (E, p, p)),
            _stacked(recent, (3, L)),
            _stacked([each.covariates for each in every], (L + self.most_ahead, self.encoder.known.features)),
            _stacked([each.past for each in every], (L, self.encoder.past.features)),
        )

    def unpack(self, state: State, index: int) -> Session:
        """One of the sessions, whose numbers may be a stranger's: they break no more than its forecasts.

        Raises:
            InputError: they are none that a session can have.
        """
        counts, variance, states, coefficients, covariance, recent, covariates, past = state
        row, step, unknown, seen, ahead = counts[index].tolist()
        if not (
            0 <= row < self.count
            and 0 < step < _LONGEST
            and 0 <= unknown <= 2
            and 0 < seen <= _LONGEST
            and 0 <= ahead <= self.most_ahead
        ):
            raise InputError("the state of the stream is none that a forecaster has: begin again")
        followed = self.followed(row)
        p = len(followed.model.penalties)
        beliefs = [
            Belief(
                states[k, :, index, : p + 1],
                coefficients[k, index, :p],
                covariance[k, :p, index, :p],
                unknown,
            )
            for k in range(len(followed.model.errors))
        ]
        n = min(step, followed.remembered)
        progress = Progress(
            step,
            Standing(tuple(beliefs), Variance(float(variance[index, 0]), seen)),
            recent[0, index, :n],
            recent[1, index, :n],
            recent[2, index, :n],
            covariates[: n + ahead, index],
            past[:n, index],
        )
        return Session(row, progress)


def _counts(session: Session) -> list[int]:
    row, progress = session
    standing = progress.standing
    ahead = len(progress.covariates) - len(progress.values)
    return [row, progress.step, standing.beliefs[0].unknown, standing.variance.seen, ahead]


def _stacked(parts: Sequence[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """Arrays with zeros after them, so that all have one shape, stacked along the last axis but one."""
    arrays = [np.asarray(part) for part in parts]
    padded = [
        np.pad(array, [(0, due - size) for due, size in zip(shape, array.shape, strict=True)])
        for array in arrays
    ]
    return np.stack(padded, axis=-2)
