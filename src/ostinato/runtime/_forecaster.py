"""A saved forecaster, without torch."""

from collections.abc import Sequence
from functools import cache, cached_property, partial
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError
from ostinato._parameters import NETWORK, Check, Whole
from ostinato.data import BASELINE, LARGEST_BASELINE, ModelDirectory, Panel, named, saved_weights, telling
from ostinato.data.forecasting import (
    DEFAULT_LEVELS,
    LONGEST,
    Distribution,
    Forecast,
    ForecastEncoder,
    Memory,
    check_levels,
)
from ostinato.runtime._forecast_network import ForecastNetwork
from ostinato.runtime._forecast_progress import Followed
from ostinato.runtime._forecast_sessions import Sessions
from ostinato.runtime._forecast_stepper import ForecastStepper
from ostinato.runtime._layers import Precision
from ostinato.runtime._model import Model, fingerprint_of, refuse
from ostinato.runtime._sequence_model import network_parameters

# What of training's parameters is needed, and what they are where they are not saved.
_PARAMETERS: dict[str, tuple[Check, Any]] = {
    "horizon": (Whole(1, LONGEST), 12),
    "cell": (NETWORK["cell"], "gru"),
    "hidden_size": (NETWORK["hidden_size"], 32),
    "num_layers": (NETWORK["num_layers"], 1),
}


class Forecaster(Model):
    """What comes next in a time series, and how sure is that? Answers as `ostinato.Forecaster` does.

    A stream goes on from the end of a series of training. Its `push` takes the next value, and gives the
    forecast of the H steps after it.

    Attributes:
        encoder: what is known of the series of training, and how a network reads series.
        memory: the series of training.
        network: which corrects the linear models' forecasts.
    """

    task = "forecast"

    encoder: ForecastEncoder
    memory: Memory
    network: ForecastNetwork

    @classmethod
    def read(cls, saved: ModelDirectory, precision: Precision) -> Self:
        """The forecaster of an opened directory.

        Raises:
            InputError: it is damaged.
        """
        model = cls()
        model.fingerprint = fingerprint_of(saved)
        parameters = network_parameters(saved, cls.task, _PARAMETERS)
        inputs, targets = saved.json("inputs.json"), saved.json("targets.json")
        with telling(saved.path / "inputs.json"):
            model.encoder = ForecastEncoder.from_json(inputs, parameters["horizon"])
        with telling(saved.path / "targets.json"):
            kind = Distribution.from_json(targets).kind
        sizes = model.encoder.history_size, model.encoder.future_size
        weights = saved_weights(saved, ForecastNetwork.shapes(*sizes, kind, parameters))
        model.network = ForecastNetwork(weights, kind, parameters, precision)
        arrays = saved.tensors(BASELINE, limit=LARGEST_BASELINE)
        with telling(saved.path / BASELINE):
            names = model.encoder.known.names, model.encoder.past.names
            model.memory = Memory.from_arrays(arrays, model.encoder.frequency, *names)
        return model

    def predict(self, X: Any = None) -> list[NDArray[np.float64]]:
        """The medians (H,) of the values after each series; see `forecast`."""
        return list(self.forecast(X, levels=(0.5,)).medians)

    def forecast(self, X: Any = None, *, levels: Sequence[float] = DEFAULT_LEVELS) -> Forecast:
        """Forecast the H values after the last one of each series, as `ostinato.Forecaster.forecast` does.

        Args:
            X: series as there; None: those of training.
            levels: of the quantiles, rising, between 0 and 1.

        Raises:
            InputError: X is not like the series of training, or a series is too short; or the levels do not
                rise.
        """
        levels = check_levels(levels)
        panel = self._joined(X)
        windows = self.encoder.ahead(panel)
        quantiles = self.network.quantiles(windows, (0.5, *levels))
        return Forecast(
            panel.names,
            panel.next_times(self.encoder.horizon),
            levels,
            tuple(quantiles[..., 1:]),
            tuple(quantiles[..., 0]),
        )

    def stepper(self, **options: Any) -> ForecastStepper:
        """How its streams step.

        Args:
            options: `series`, the name of the one to go on from, if training had several; `levels` of the
                quantiles, as `forecast`'s.

        Raises:
            InputError: it is not known which series, there is no such option, or the levels do not rise.
        """
        series, levels = options.pop("series", None), options.pop("levels", DEFAULT_LEVELS)
        refuse(self.task, options)
        return ForecastStepper(self._sessions, self._row(series), self.network, check_levels(levels))

    @cached_property
    def _sessions(self) -> Sessions:
        most = max(self.encoder.horizon + 1, int(self.memory.panel.ahead.max()))
        return Sessions(cache(partial(self._followed, most)), len(self.memory.panel), self.encoder, most)

    def _followed(self, most_ahead: int, row: int) -> Followed:
        series = self.memory.panel.series[row]
        learned = self.encoder.learned.get(series.name)
        if learned is None or not learned.is_of(series):
            raise InputError(f"the model does not know the series {series.name!r}: save it anew")
        return Followed(self.encoder, series, most_ahead)

    def _row(self, name: str | None) -> int:
        names = self.memory.panel.names
        if name is None and len(names) > 1:
            raise InputError(
                f"there are {len(names)} series ({named(map(repr, names))}): say which one a stream goes on "
                f"from"
            )
        if name is not None and name not in names:
            raise InputError(
                f"there is no series {name!r} to go on from; those of training are {named(map(repr, names))}"
            )
        return 0 if name is None else names.index(name)

    def _joined(self, X: Any) -> Panel:
        """A panel like the one of training; series that begin where its end go on from them."""
        if X is None:
            return self.memory.panel
        panel = Panel.of(X)
        self.encoder.check(panel)
        return self.memory.joined(panel)
