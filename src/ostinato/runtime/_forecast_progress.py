"""One series that a forecaster follows: what is kept of it, and what an observation changes."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError
from ostinato.data import Series, calendar_features
from ostinato.data.forecasting import (
    Filtered,
    ForecastEncoder,
    Standing,
    Track,
    Windows,
    transformed,
    windows_from,
)

_Array = NDArray[np.float64]


class Observation(NamedTuple):
    """What is seen in one step.

    Attributes:
        value: NaN if it is missing.
        known: (k, K) the known covariates of the steps after those that were known before.
        past: (P,) the other covariates of the step.
    """

    value: float
    known: _Array
    past: _Array


@dataclass(frozen=True)
class Progress:
    """How far a series has come, and as much of it as its next forecasts need.

    Attributes:
        step: how many steps there were.
        standing: of its linear model.
        values: (n,) of the last steps, as the model has them.
        surprises: (n,) in standard deviations, 0 where missing.
        deviations: (n,) of the innovations, as expected after each.
        covariates: (n + A, K) as the network reads them, of these steps and of A more.
        past: (n, P) as well.
    """

    step: int
    standing: Standing
    values: _Array
    surprises: _Array
    deviations: _Array
    covariates: NDArray[np.float32]
    past: NDArray[np.float32]


class Followed:
    """A series of training and its linear model, which stays as it is.

    Args:
        encoder: of the forecaster.
        series: as training left it.
        most_ahead: for how many steps after the last one covariates may be known.
    """

    def __init__(self, encoder: ForecastEncoder, series: Series, most_ahead: int) -> None:
        self.encoder, self.series = encoder, series
        self.model = encoder.learned[series.name].model
        self.start = series.times[0]
        self.remembered = max(encoder.context, *encoder.seasons, 1)
        self.most_ahead = most_ahead

    @cached_property
    def begun(self) -> Progress:
        """The end of the series; found by going through all of it."""
        T, model = len(self.series), self.model
        values = transformed(self.series.values, self.encoder.log)
        known = self.encoder.known.transform(self.series.known)
        covariates = known if known.shape[1] else np.empty((T + self.encoder.horizon, 0), np.float32)
        rows = model.terms.rows(np.arange(T), covariates[:T])
        surprises, deviations = np.empty((2, T))
        standing = Standing.before(model)
        for t, value in enumerate(((values - model.centre) / model.scale).tolist()):
            standing, surprises[t], _ = standing.after(model, rows[t], value)
            deviations[t] = standing.deviation
        end = slice(max(0, T - self.remembered), None)
        return Progress(
            T,
            standing,
            values[end],
            np.nan_to_num(surprises[end]),
            deviations[end],
            covariates[end],
            self.encoder.past.transform(self.series.past)[end],
        )

    def after(self, progress: Progress, seen: Observation) -> Progress:
        """Where the series is a step later.

        Raises:
            InputError: the known covariates do not go on for the steps that are forecast, or for too many.
        """
        n, model = len(progress.values), self.model
        covariates = np.concatenate([progress.covariates, self.encoder.known.transform(seen.known)])
        self._check_ahead(len(covariates) - n - len(seen.known), len(seen.known))
        value = float(transformed(np.array([seen.value]), self.encoder.log)[0])
        row = model.terms.rows(np.array([progress.step]), covariates[n : n + 1])[0]
        scaled = (value - model.centre) / model.scale
        standing, surprise, _ = progress.standing.after(model, row, scaled)
        past = self.encoder.past.transform(seen.past[None])
        drop = max(0, n + 1 - self.remembered)
        return Progress(
            progress.step + 1,
            standing,
            np.append(progress.values, value)[drop:],
            np.append(progress.surprises, np.nan_to_num(surprise))[drop:],
            np.append(progress.deviations, standing.deviation)[drop:],
            covariates[drop:],
            np.concatenate([progress.past, past])[drop:],
        )

    def window(self, progress: Progress) -> Windows:
        """What the network reads to forecast the next steps: one window."""
        H, n, t = self.encoder.horizon, len(progress.values), progress.step
        recent = min(self.encoder.context, n)
        covariates = progress.covariates[: n + H]
        model = self.model
        rows = model.terms.rows(np.arange(t - recent, t + H), covariates[n - recent :])
        means, spreads = progress.standing.ahead(model, rows[recent:])
        scaled = (progress.values[n - recent :] - model.centre) / model.scale
        filtered = Filtered(
            progress.surprises,
            np.empty(0),
            np.append(np.nan, progress.deviations),  # what was expected of the first one is not asked for
            means[None] * model.scale + model.centre,
            spreads[None] * model.scale,
            progress.standing.rests(scaled, rows[:recent], self.encoder.context)[None],
        )
        calendar = calendar_features(self._times(t, recent), self.encoder.frequency)
        known = np.concatenate([np.pad(calendar, ((n - recent, 0), (0, 0))), covariates], axis=1)
        track = Track(
            model,
            self.encoder.log,
            self.encoder.floor,
            progress.values,
            covariates,
            known,
            progress.past,
            first=t - n,
        )
        return windows_from(track, filtered, 0, np.array([t]), self.encoder.seasons)

    def next_times(self, progress: Progress) -> NDArray[np.generic]:
        """(H,) when the steps are that are forecast."""
        last = self._at(progress.step - 1, progress.step)[0]
        return self.encoder.frequency.after(last, self.encoder.horizon)

    def _times(self, step: int, recent: int) -> NDArray[np.generic]:
        """The times of the last steps and of those ahead, on the grid that `Panel` has them on."""
        if self.encoder.known.names:
            return self._at(step - recent, step + self.encoder.horizon)
        times = self._at(step - recent, step)
        return np.concatenate([times, self.encoder.frequency.after(times[-1], self.encoder.horizon)])

    def _at(self, begin: int, end: int) -> NDArray[np.generic]:
        return self.encoder.frequency.at(self.start, np.arange(begin, end))

    def _check_ahead(self, before: int, given: int) -> None:
        """Before: how many steps' known covariates there were, from the one on that is seen now."""
        least = self.encoder.horizon + 1
        if not self.encoder.known.names or least <= before + given <= self.most_ahead:
            return
        wanted = f"{max(least - before, 0)} to {self.most_ahead - before}"
        raise InputError(
            f"known covariates are given for {given} more steps; give {wanted}, for they must be known for "
            f"this step and the {self.encoder.horizon} that are forecast, and are for {before}"
        )
