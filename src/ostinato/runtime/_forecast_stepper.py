"""A forecaster's steps: an observation in, the forecast of the steps after it out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ostinato.data import written_times
from ostinato.data.forecasting import Forecast, Windows
from ostinato.runtime._forecast_network import ForecastNetwork
from ostinato.runtime._forecast_observation import read_observation
from ostinato.runtime._forecast_sessions import Session, Sessions
from ostinato.runtime._stepper import State


@dataclass(frozen=True)
class ForecastStepper:
    """Steps of sessions each of which goes on from the end of a series of training.

    Attributes:
        sessions: how their state is laid out.
        row: which series they begin with.
        network: of the forecaster.
        levels: of the quantiles.
    """

    sessions: Sessions
    row: int
    network: ForecastNetwork
    levels: tuple[float, ...]

    def begin(self, sessions: int) -> State:
        """The end of the series, for so many sessions."""
        one = self.sessions.pack([Session(self.row, self.sessions.followed(self.row).begun)])
        return tuple(np.repeat(array, sessions, axis=-2) for array in one)

    def step(self, inputs: Sequence[Any] | NDArray[Any], state: State) -> tuple[list[Forecast], State]:
        """Forecasts after one more observation in each session, and the state then.

        Args:
            inputs: of each session a number, the value of the step, None if it is missing; or a mapping:
                "value"; "known": of each known covariate its values in the steps after those known before,
                up to the last step that is forecast; "past": of each other covariate its value in this step.
            state: of as many sessions.

        Raises:
            InputError: an input is anything else, or lacks covariates; the network's outputs are not finite.
        """
        after, windows = [], []
        with np.errstate(all="ignore"):
            for index, given in enumerate(inputs):
                row, progress = self.sessions.unpack(state, index)
                followed = self.sessions.followed(row)
                progress = followed.after(progress, read_observation(given, followed.encoder))
                windows.append(followed.window(progress))
                after.append(Session(row, progress))
            quantiles = self.network.quantiles(Windows.joined(windows), (0.5, *self.levels))
        return list(map(self._forecast, after, quantiles)), self.sessions.pack(after)

    def _forecast(self, session: Session, quantiles: Any) -> Forecast:
        """From quantiles (H, 1 + Q), the median first."""
        followed = self.sessions.followed(session.row)
        return Forecast(
            (followed.series.name,),
            (followed.next_times(session.progress),),
            self.levels,
            (quantiles[:, 1:],),
            (quantiles[:, 0],),
        )

    def reads(self) -> str:
        """What an input is."""
        encoder = self.sessions.encoder
        some = [(kind, each.names) for kind, each in (("known", encoder.known), ("past", encoder.past))]
        covariates = [f"{kind} ({', '.join(names)})" for kind, names in some if names]
        if not covariates:
            return "the next value, a number or null"
        return f"an object with the next value, and the covariates: {', '.join(covariates)}"

    def told(self, output: Forecast) -> dict[str, Any]:
        """A forecast as JSON can say it: times, medians, and of each level its quantiles."""
        (name,), (times,), (values,), (medians,) = (
            output.names,
            output.times,
            output.values,
            output.medians,
        )
        return {
            "series": name or None,
            "times": written_times(times, self.sessions.encoder.frequency.unit),
            "medians": medians.tolist(),
            "quantiles": dict(zip(map(str, output.levels), values.T.tolist(), strict=True)),
        }
