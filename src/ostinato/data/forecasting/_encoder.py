"""From a panel to the windows that a forecasting network reads."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError, ParameterError
from ostinato.data._calendar import calendar_features, calendar_names
from ostinato.data._examples import named
from ostinato.data._frequency import Frequency
from ostinato.data._panel import Panel
from ostinato.data._season import find_seasons
from ostinato.data._series import Series
from ostinato.data.forecasting._choice import NEWEST, choose_regression
from ostinato.data.forecasting._covariates import Covariates
from ostinato.data.forecasting._features import Track, future_size, history_size, track_windows
from ostinato.data.forecasting._learned import LearnedSeries
from ostinato.data.forecasting._regression import Regression
from ostinato.data.forecasting._stretch import Stretch
from ostinato.data.forecasting._windows import Windows

LONGEST = 1 << 14  # steps of a horizon, a context or a season
_LOOKED_AT = 50  # series in which seasons are looked for
_NO_FLOOR = -1e100
_WINDOWS = 4000  # that are learned from, about: the origins of more are further apart


@dataclass(frozen=True)
class ForecastEncoder:
    """What was learned of the inputs.

    Attributes:
        frequency: of all series.
        horizon: H, steps to forecast.
        context: C, steps of history that the network reads.
        seasons: the steps of each season, the strongest first; () where there is none.
        log: whether logarithms are modelled.
        floor: 0 where no value of training was below it, and so none will be; else -1e100.
        known: covariates known ahead.
        past: covariates known up to the origin only.
        learned: by name, the series of training.
    """

    frequency: Frequency
    horizon: int
    context: int
    seasons: tuple[int, ...]
    log: bool
    floor: float
    known: Covariates
    past: Covariates
    learned: Mapping[str, LearnedSeries]

    @classmethod
    def learn(cls, panel: Panel, parameters: Mapping[str, Any]) -> Self:
        """From the training part of a panel.

        Raises:
            InputError: the series are too short for the horizon, the context or the season, or constant.
        """
        horizon = parameters["horizon"]
        _check_learnable(panel, horizon)
        seasons = _seasons(panel, horizon, parameters["season"])
        context = _context(panel, horizon, seasons, parameters["context"])
        known = Covariates.learn(panel.known_names, panel.known)
        past = Covariates.learn(panel.past_names, panel.past)
        log, learned = _models(panel, known, seasons)
        floor = 0.0 if all(np.nanmin(values) >= 0 for values in panel.values) else _NO_FLOOR
        return cls(panel.frequency, horizon, context, seasons, log, floor, known, past, learned)

    def relearned(self, panel: Panel) -> Self:
        """With models that know what was held out too, for forecasts of what comes after it."""
        learned = dict(self.learned)
        for each in panel.series:
            values = transformed(each.values, self.log)
            _, model = choose_regression(values, self.seasons, self.known.transform(each.known))
            learned[each.name] = replace(learned[each.name], model=model)
        return replace(self, learned=learned)

    @property
    def season(self) -> int:
        """The steps of the strongest season, 1 where there is none."""
        return self.seasons[0] if self.seasons else 1

    @property
    def least(self) -> int:
        """Values without which a series is not forecast: a season, and one to compare with the one before."""
        return self.season + 1

    @property
    def history_size(self) -> int:
        """Numbers per step of history."""
        return history_size(self.seasons, self._known_features, self.past.features)

    @property
    def future_size(self) -> int:
        """Numbers per step of the horizon."""
        return future_size(self.seasons, self._known_features)

    @property
    def _known_features(self) -> int:
        return len(calendar_names(self.frequency)) + self.known.features

    def training(self, panel: Panel) -> Stretch:
        """What is learned from: of each series all that has two seasons or half of the series before it."""
        enough = max(10, 2 * max(self.seasons, default=1) + 2)
        stride = max(1, int(panel.lengths.sum()) // _WINDOWS)
        return Stretch(panel, np.minimum(enough, panel.lengths // 2), stride)

    def windows(self, stretch: Stretch) -> Windows:
        """The windows of a stretch, also those whose horizon reaches beyond the end of their series.

        Raises:
            InputError: the panel is not like the one of training, or there is nothing to be forecast in it.
        """
        self.check(stretch.panel)
        begins = np.maximum(stretch.begins, self.least).tolist()
        origins = [
            np.arange(begin, length, stretch.stride)
            for begin, length in zip(begins, stretch.panel.lengths.tolist(), strict=True)
        ]
        windows = self._windows(stretch.panel, origins, held_out=stretch.held_out)
        return windows.take(np.flatnonzero(~np.isnan(windows.targets).all(1)))

    def ahead(self, panel: Panel) -> Windows:
        """A window for each series: what comes after its last value.

        Raises:
            InputError: a series is too short, or its known covariates do not reach to the horizon.
        """
        self.check(panel)
        if short := np.flatnonzero(panel.lengths < self.least).tolist():
            told = (f"{_called(panel, row)} has {panel.lengths[row]}" for row in short)
            raise InputError(
                f"a series needs {self.least} values or more to be forecast, and {named(told)}; give more of "
                f"its past"
            )
        if self.known.names and (near := np.flatnonzero(panel.ahead < self.horizon).tolist()):
            told = (f"{_called(panel, row)} for {panel.ahead[row]}" for row in near)
            raise InputError(
                f"known covariates must go on for the {self.horizon} steps that are forecast, and go on in "
                f"{named(told)}; give them, in rows without a target"
            )
        return self._windows(panel, list(panel.lengths[:, None]))

    def check(self, panel: Panel) -> None:
        """InputError unless the panel is like the one of training."""
        if panel.frequency != self.frequency:
            raise InputError(
                f"the steps are {panel.frequency} long, and those of training were {self.frequency}: give "
                f"series of the same frequency, or train a model for this one"
            )
        self.known.check(panel.known_names, "known")
        self.past.check(panel.past_names, "past")

    def _windows(self, panel: Panel, origins: list[NDArray[np.int64]], *, held_out: bool = False) -> Windows:
        sizes = self.context, self.horizon, self.seasons
        parts = [
            track_windows(self._track(panel, row, int(at[0]), held_out=held_out), row, at, *sizes)
            for row, at in enumerate(origins)
            if len(at)
        ]
        if not parts:
            raise InputError(
                f"no series has {self.least} values and more after them: give longer ones, or forecast fewer "
                f"steps ahead"
            )
        return Windows.joined(parts)

    def _track(self, panel: Panel, row: int, first: int, *, held_out: bool) -> Track:
        """A series, with a model of its first values where it is none of training."""
        series = panel.series[row]
        steps = len(series) + self.horizon
        values = transformed(series.values, self.log)
        covariates = _room(self.known.transform(series.known[:steps]), steps)
        mine = self.learned.get(series.name)
        if mine is not None and mine.is_of(series):
            model = mine.early if held_out else mine.model
        else:
            if np.isnan(values[:first]).all():
                above = " above 0, as all those of training were," if self.log else ""
                raise InputError(
                    f"{_called(panel, row)} has no values{above} before step {first + 1}: give its past"
                )
            _, model = choose_regression(values[:first], self.seasons, covariates)
        calendar = calendar_features(self._times(series, steps), self.frequency)
        known = np.concatenate([calendar, covariates], axis=1)
        past = self.past.transform(series.past)
        return Track(model, self.log, self.floor, values, covariates, known, past)

    def _times(self, series: Series, steps: int) -> NDArray[Any]:
        """(steps,) the times of a series, and those that follow."""
        times = series.times[:steps]
        return np.concatenate([times, self.frequency.after(times[-1], steps - len(times))])

    def to_json(self) -> dict[str, Any]:
        """All but the horizon, which is a parameter."""
        return {
            "frequency": self.frequency.to_json(),
            "context": self.context,
            "seasons": list(self.seasons),
            "log": self.log,
            "floor": self.floor,
            "known": self.known.to_json(),
            "past": self.past.to_json(),
            "learned": {name: each.to_json() for name, each in self.learned.items()},
        }

    @classmethod
    def from_json(cls, value: Any, horizon: int) -> Self:
        """What `to_json` described, with its horizon; `InputError` for anything else."""
        value = value if isinstance(value, dict) else {}
        context, seasons, log = (value.get(name) for name in ("context", "seasons", "log"))
        if not _is_count(context, 1) or type(log) is not bool:
            raise InputError(f"the context must be a number from 1 to {LONGEST}; save the model anew")
        if value.get("floor") not in (0.0, _NO_FLOOR):
            raise InputError(f"the floor must be 0 or {_NO_FLOOR}; save the model anew")
        if not isinstance(seasons, list) or len(seasons) > 2 or not all(_is_count(m, 2) for m in seasons):
            raise InputError("the seasons must be two numbers of steps at most; save the model anew")
        known, past = (Covariates.from_json(value.get(name)) for name in ("known", "past"))
        learned = value.get("learned")
        if not isinstance(learned, dict):
            raise InputError("there must be models of the series; save the model anew")
        return cls(
            Frequency.from_json(value.get("frequency")),
            horizon,
            context,
            tuple(seasons),
            log,
            float(value["floor"]),
            known,
            past,
            {name: LearnedSeries.from_json(each, known.features, LONGEST) for name, each in learned.items()},
        )


def transformed(values: NDArray[np.float64], log: bool) -> NDArray[np.float64]:
    """Values as they are, or their logarithms, of which those of values not above 0 are missing."""
    if not log:
        return values
    positive = values > 0
    return np.where(positive, np.log(np.where(positive, values, 1.0)), np.nan)


def _models(
    panel: Panel, known: Covariates, seasons: tuple[int, ...]
) -> tuple[bool, dict[str, LearnedSeries]]:
    """The models of all series, of their logarithms if these are likelier as a whole."""
    logs = (False, True) if all(np.nanmin(values) > 0 for values in panel.values) else (False,)
    best, which = -math.inf, False
    models: list[tuple[float, Regression]] = []
    for log in logs:
        chosen = [
            choose_regression(transformed(each.values, log), seasons, known.transform(each.known))
            for each in panel.series
        ]
        evidence = sum(each for each, _ in chosen)
        if log:  # the density of a value is that of its logarithm divided by it
            evidence -= sum(np.nansum(np.log(values[-NEWEST:])) for values in panel.values)
        if evidence > best:
            best, which, models = evidence, log, chosen
    return which, {
        each.name: LearnedSeries.of(each, model)
        for each, (_, model) in zip(panel.series, models, strict=True)
    }


def _check_learnable(panel: Panel, horizon: int) -> None:
    longest = int(panel.lengths.max())
    if longest < 2 * horizon:
        raise InputError(
            f"a horizon of {horizon} needs series of {2 * horizon} values or more to learn from, and the "
            f"longest has {longest}: forecast fewer steps ahead, hold out less, or give longer series"
        )
    if all(np.nanmin(values) == np.nanmax(values) for values in panel.values):
        raise InputError(
            f"the values never change, they are all {np.nanmax(panel.values[0]):g}: there is nothing to "
            f"learn; give series that vary"
        )


def _seasons(panel: Panel, horizon: int, given: int | None) -> tuple[int, ...]:
    """The season that is given, or those that are found in half of the series or more."""
    room = min(int(panel.lengths.max()) - horizon, LONGEST)
    if given is not None:
        if given > room:
            raise ParameterError(
                "season", f"is {given}: the longest series has {room} steps before a horizon"
            )
        return (given,) if given > 1 else ()
    some = np.unique(np.linspace(0, len(panel) - 1, _LOOKED_AT).astype(np.int64)).tolist()
    votes = Counter(m for row in some for m in find_seasons(panel.values[row], panel.frequency))
    return tuple(m for m, count in votes.most_common(2) if 2 * count >= len(some) and m <= room)


def _context(panel: Panel, horizon: int, seasons: tuple[int, ...], given: int | None) -> int:
    """The context that is given, or what is enough where a linear model knows the seasons."""
    room = int(panel.lengths.max()) - horizon
    if given is None:
        return min(max(2 * horizon, 24, min(max(seasons, default=0), 64)), 128, room)
    if given > room:
        raise ParameterError("context", f"is {given}: the longest series has {room} steps before a horizon")
    return given


def _called(panel: Panel, row: int) -> str:
    return repr(panel.names[row]) if panel.names[row] else "the series"


def _room(features: NDArray[np.float32], steps: int) -> NDArray[np.float32]:
    """(steps, ·) with zeros after the last row."""
    return np.pad(features, ((0, steps - len(features)), (0, 0)))


def _is_count(value: Any, least: int) -> bool:
    return type(value) is int and least <= value <= LONGEST
