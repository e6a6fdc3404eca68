"""From a panel to the windows that a forecasting network reads."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError, ParameterError
from ostinato.data import Frequency, Panel, Series, named
from ostinato.data._calendar import calendar_features, calendar_names
from ostinato.data._season import find_seasons
from ostinato.tasks._forecast_covariates import Covariates
from ostinato.tasks._forecast_stretch import Stretch
from ostinato.tasks._forecast_windows import Tracks, Windows, windows_of

LONGEST = 1 << 14  # steps of a horizon, a context or a season
_LOOKED_AT = 50  # series in which seasons are looked for


@dataclass(frozen=True)
class ForecastEncoder:
    """What was learned of the inputs.

    Attributes:
        frequency: of all series.
        horizon: H, steps to forecast.
        context: C, steps of history that are read.
        seasons: the steps of each season, the strongest first; () where there is none.
        known: covariates known ahead.
        past: covariates known up to the origin only.
    """

    frequency: Frequency
    horizon: int
    context: int
    seasons: tuple[int, ...]
    known: Covariates
    past: Covariates

    @classmethod
    def learn(cls, panel: Panel, parameters: Mapping[str, Any]) -> Self:
        """From the training part of a panel.

        Raises:
            InputError: the series are too short for the horizon or the context, or constant.
        """
        horizon = parameters["horizon"]
        _check_learnable(panel, horizon)
        seasons = _seasons(panel, horizon, parameters["season"])
        return cls(
            panel.frequency,
            horizon,
            _context(panel, horizon, seasons, parameters["context"]),
            seasons,
            Covariates.learn(panel.known_names, panel.known),
            Covariates.learn(panel.past_names, panel.past),
        )

    @property
    def season(self) -> int:
        """The steps of the strongest season, 1 where there is none."""
        return self.seasons[0] if self.seasons else 1

    @property
    def least(self) -> int:
        """Values without which a series is not forecast: a season, and one to compare with the one before."""
        return min(self.season + 1, self.context)

    @property
    def history_size(self) -> int:
        """Numbers per step of history: the value, whether it is missing, and what goes along with it."""
        return 2 + self._known_features + self.past.features

    @property
    def future_size(self) -> int:
        """Numbers per step ahead: how far, two of each season, and what is known of it."""
        return 1 + 2 * len(self.seasons) + self._known_features

    @property
    def _known_features(self) -> int:
        return len(calendar_names(self.frequency)) + self.known.features

    def windows(self, stretch: Stretch) -> Windows:
        """The windows of a stretch that can be forecast and measured; there may be none."""
        self.check(stretch.panel)
        return self._windows(stretch.panel, *windows_of(stretch, self.context, self.horizon, self.least))

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
        empty = [row for row, each in enumerate(panel.values) if np.isnan(each[-self.context :]).all()]
        if empty:
            raise InputError(
                f"there is nothing in the last {self.context} steps of "
                f"{named(_called(panel, row) for row in empty)}; give newer values"
            )
        if self.known.names and (near := np.flatnonzero(panel.ahead < self.horizon).tolist()):
            told = (f"{_called(panel, row)} for {panel.ahead[row]}" for row in near)
            raise InputError(
                f"known covariates must go on for the {self.horizon} steps that are forecast, and go on in "
                f"{named(told)}; add the rows, without a target"
            )
        return self._windows(panel, np.arange(len(panel)), panel.lengths)

    def check(self, panel: Panel) -> None:
        """InputError unless the panel is like the one of training."""
        if panel.frequency != self.frequency:
            raise InputError(
                f"the steps are {panel.frequency} long, and those of training were {self.frequency}: give "
                f"series of the same frequency, or train a model for this one"
            )
        self.known.check(panel.known_names, "known")
        self.past.check(panel.past_names, "past")

    def _windows(self, panel: Panel, series: NDArray[np.int64], origins: NDArray[np.int64]) -> Windows:
        return Windows(self._tracks(panel), self.context, self.horizon, self.seasons, series, origins)

    def _tracks(self, panel: Panel) -> Tracks:
        C, H = self.context, self.horizon
        values, known, past = [], [], []
        for each in panel.series:
            steps = len(each) + H
            values.append(np.pad(each.values, (C, H), constant_values=np.nan))
            known.append(_room(self._known(each, steps), C, steps))
            past.append(_room(self.past.transform(each.past), C, steps))
        ends = np.cumsum(panel.lengths + C + H)
        return Tracks(
            np.concatenate(values), np.concatenate(known), np.concatenate(past), ends - panel.lengths - H
        )

    def _known(self, series: Series, steps: int) -> NDArray[np.float32]:
        """(steps, ·) the calendar of a series and of what follows it, and the covariates that are known."""
        times = series.times[:steps]
        times = np.concatenate([times, self.frequency.after(times[-1], steps - len(times))])
        covariates = _room(self.known.transform(series.known[:steps]), 0, steps)
        return np.concatenate([calendar_features(times, self.frequency), covariates], axis=1)

    def to_json(self) -> dict[str, Any]:
        """All but the horizon, which is a parameter."""
        return {
            "frequency": self.frequency.to_json(),
            "context": self.context,
            "seasons": list(self.seasons),
            "known": self.known.to_json(),
            "past": self.past.to_json(),
        }

    @classmethod
    def from_json(cls, value: Any, horizon: int) -> Self:
        """What `to_json` described, with its horizon; `InputError` for anything else."""
        value = value if isinstance(value, dict) else {}
        context, seasons = value.get("context"), value.get("seasons")
        if not _is_count(context, 1):
            raise InputError(f"the context must be a number from 1 to {LONGEST}; save the model anew")
        if not isinstance(seasons, list) or len(seasons) > 2 or not all(_is_count(m, 2) for m in seasons):
            raise InputError("the seasons must be two numbers of steps at most; save the model anew")
        if max(seasons, default=1) > context:
            raise InputError("a season is longer than the context; save the model anew")
        return cls(
            Frequency.from_json(value.get("frequency")),
            horizon,
            context,
            tuple(seasons),
            Covariates.from_json(value.get("known")),
            Covariates.from_json(value.get("past")),
        )


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
    """The context that is given, or enough of it to see seasons come again."""
    room, least = int(panel.lengths.max()) - horizon, max(seasons, default=1)
    if given is None:
        return min(max(2 * horizon, 2 * least, 24), room, LONGEST)
    if given > room:
        raise ParameterError("context", f"is {given}: the longest series has {room} steps before a horizon")
    if given < least:
        raise ParameterError("context", f"is {given}: a season has {least} steps, take as many or more")
    return given


def _called(panel: Panel, row: int) -> str:
    return repr(panel.names[row]) if panel.names[row] else "the series"


def _room(features: NDArray[np.float32], before: int, steps: int) -> NDArray[np.float32]:
    """Zeros before the first step, and after the last one up to so many."""
    return np.pad(features, ((before, steps - len(features)), (0, 0)))


def _is_count(value: Any, least: int) -> bool:
    return type(value) is int and least <= value <= LONGEST
