"""The forecaster: the next values of a time series, with their uncertainty."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ostinato._errors import InputError
from ostinato._parameters import NETWORK, Choice, Whole
from ostinato.data import Panel
from ostinato.data.forecasting import (
    DEFAULT_LEVELS,
    LONGEST,
    SHAPES,
    Distribution,
    Forecast,
    ForecastEncoder,
    Stretch,
    Windows,
    check_levels,
)
from ostinato.nn import ForecastNetwork
from ostinato.tasks._backtest import Backtest
from ostinato.tasks._cost import cost
from ostinato.tasks._estimator import Estimator
from ostinato.tasks._estimator import Prepared as AnyPrepared
from ostinato.tasks._forecast_baseline import NaiveBaseline, truth_of
from ostinato.tasks._forecast_figures import LEVELS, forecast_figures
from ostinato.tasks._forecast_hold_out import hold_out_end
from ostinato.tasks._forecast_objective import ForecastObjective, read_windows, shrink, shrunk
from ostinato.tasks._held_out import HeldOut
from ostinato.tasks._sequence_parameters import EXAMPLES, check_memory
from ostinato.training import Figures, Outcome, Settings

Scored: TypeAlias = tuple[Windows, Panel]
Prepared: TypeAlias = AnyPrepared[ForecastEncoder, Distribution, Scored]

_FIRST = 5000  # training windows that the final training figures are on
_LAST = Whole(1, 1 << 40, optional=True)
_STRIDE = Whole(1, 1 << 40)


class Forecaster(Estimator[Stretch, ForecastEncoder, Distribution, Scored]):
    """Learns to forecast the next values of one or many time series, and how uncertain they are.

    Each series has a linear model of its own: a trend, the waves of its seasons, known covariates, and errors
    that hang together. One network for all series reads how that model fared lately, and what is known of the
    steps ahead; it corrects the model's forecast of each step, a distribution, where it knows better. The
    corrections are kept as far as what is held out speaks for them.

    In `fit`, X is a `Panel`; or one series (T,) of numbers; or a list of series; NaN is missing.
    `Panel.of` makes a panel of a data frame, `ostinato.data.read_panel` of a file.

    Args:
        horizon: steps that are forecast.
        context: newest values that the network reads; None: as many as season and horizon ask for. Of a
            series that has fewer, all are read.
        season: the steps of a season, 1 for none; None: found in the data, if there is one.
        output: "quantiles", or "student-t" for such a distribution.
        cell: "rnn", "lstm" or "gru".
        hidden_size: numbers in the state of a layer.
        num_layers: recurrent layers that read the history, and as many that forecast.
        dropout: share of each layer's outputs dropped while training.
        epochs: passes over the windows of all series, at most, 100 steps or more each; None: 8.
        batch_size: windows a step.
        learning_rate: AdamW's, at its peak after the warm-up.
        weight_decay: AdamW's, of matrices.
        clip_norm: the largest norm of a gradient.
        patience: evaluations without improvement before training ends early.
        seed: of the weights, the dropout and the order.
        threads: CPU threads; None leaves torch's setting.
        device: where torch computes, "cpu" or "cuda".
    """

    task = "forecast"
    checks = {  # noqa: RUF012
        "horizon": Whole(1, LONGEST),
        "context": Whole(1, LONGEST, optional=True),
        "season": Whole(1, LONGEST, optional=True),
        "output": Choice(SHAPES),
        **NETWORK,
        **EXAMPLES,
    }

    least_epochs = 8
    least_steps = 800

    network_: ForecastNetwork
    baseline_: NaiveBaseline

    def __init__(
        self,
        *,
        horizon: int = 12,
        context: int | None = None,
        season: int | None = None,
        output: str = "quantiles",
        cell: str = "gru",
        hidden_size: int = 32,
        num_layers: int = 1,
        dropout: float = 0.1,
        epochs: int | None = None,
        batch_size: int = 32,
        learning_rate: float = 0.002,
        weight_decay: float = 0.01,
        clip_norm: float = 1.0,
        patience: int = 8,
        seed: int = 0,
        threads: int | None = None,
        device: str = "cpu",
    ) -> None:
        self.horizon = horizon
        self.context = context
        self.season = season
        self.output = output
        self.cell = cell
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.dropout = dropout
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.clip_norm = clip_norm
        self.patience = patience
        self.seed = seed
        self.threads = threads
        self.device = device

    def fit(self, X: Any, y: Any = None, *, validation: Any = 0.1, **options: Any) -> Self:
        """Learn from series.

        Args:
            X: series, as the class says.
            y: nothing.
            validation: the share that is held out at the end of each series, a horizon at least; or a panel
                in which the series go on; 0: nothing. It tells which weights are kept, and how much of them.
            options: `directory`, `resume`, `overwrite`, `time_limit` and `reporter`, as other estimators'.

        Raises:
            InputError: a parameter, the series or the directory will not do; the message says why.
            DivergedError: the loss stopped being a number.
            Interrupted: Ctrl-C; with a directory, `resume=True` goes on from the very step.
            KeyboardInterrupt: Ctrl-C before training began; the directory is as it was.
        """
        if not isinstance(validation, (int, float, np.number, type(None))):
            validation = Panel.of(validation)
        return super().fit(X, y, validation=validation, **options)

    def predict(self, X: Any = None) -> list[NDArray[np.float64]]:
        """The medians (H,) of the values after each series; see `forecast`."""
        return list(self.forecast(X, levels=(0.5,)).medians)

    def forecast(self, X: Any = None, *, levels: Sequence[float] = DEFAULT_LEVELS) -> Forecast:
        """Forecast the H values after the last one of each series.

        Args:
            X: series as in `fit`, of the same frequency and with the same covariates, those that are known
                ahead for all H steps; series that begin where those of training ended go on from them. None:
                the series of training.
            levels: of the quantiles, rising, between 0 and 1.

        Raises:
            InputError: X is not like the series of training, or a series is too short; or the levels do not
                rise.
        """
        self._check_fitted()
        levels = check_levels(levels)
        panel = self.baseline_.memory.panel if X is None else self._joined(X)
        with self._reproducible():
            windows = self.encoder_.ahead(panel)
            predicted, _ = read_windows(self.network_, windows, levels)
        return Forecast(
            panel.names,
            panel.next_times(self.encoder_.horizon),
            levels,
            tuple(predicted.quantiles),
            tuple(predicted.points),
        )

    def backtest(
        self,
        X: Any,
        *,
        last: int | None = None,
        stride: int = 1,
        levels: Sequence[float] = DEFAULT_LEVELS,
    ) -> Backtest:
        """Forecast from origins in the past, one after the other, each from what came before it alone.

        The model itself does not change. What it was trained on is left out as far as it can be, as in
        `evaluate`, whose figures are on the same forecasts.

        Args:
            X: series as in `fit`.
            last: only this many values at the end of each series are forecast; None: all that may be.
            stride: steps from one origin to the next.
            levels: of the quantiles, rising, between 0 and 1.

        Raises:
            InputError: X is not like the series of training, or there is nothing in it to be forecast.
        """
        self._check_fitted()
        levels = check_levels(levels)
        stretch, _ = self._scored(self._stretch(X, last, stride))
        with self._reproducible():
            windows, panel = self._encoded(self.encoder_, self.targets_, stretch)
            predicted, _ = read_windows(self.network_, windows, levels)
        places = list(zip(windows.series.tolist(), windows.origins.tolist(), strict=True))
        return Backtest(
            tuple(panel.names[series] for series, _ in places),
            tuple(panel.times[series][origin : origin + windows.horizon] for series, origin in places),
            truth_of(panel, windows, self.encoder_.season).values,
            levels,
            predicted.quantiles,
            predicted.points,
        )

    def evaluate(self, X: Any, y: Any = None, *, last: int | None = None, stride: int = 1) -> dict[str, Any]:
        """Figures of the model and of naive forecasts, from origins in the past, one after the other.

        Of series that go on after the end of training, only what comes after it is scored; of the series of
        training themselves, only the end that was held out.

        Args:
            X: series as in `fit`; those that begin where those of training ended go on from them.
            y: nothing.
            last: only this many values at the end of each series are scored; None: all that may be.
            stride: steps from one origin to the next.

        Returns:
            `data` (which part was scored), `sequences` (how many forecasts), the figures of `model` and
            `baseline` (the naive forecast of the lowest MASE, its `baseline_name`), of all `baselines`, of
            the `linear` models without the network's corrections; and `skill`, 1 - MASE of the model ÷ MASE
            of the baseline: below 0 the naive forecast wins.

        Raises:
            InputError: X is not like the series of training, or there is nothing in it to be scored.
        """
        return super().evaluate(self._stretch(X, last, stride), y)

    def score(self, X: Any, y: Any = None) -> float:
        """Minus the MASE: higher is better; `InputError` where there is none, as of a constant history."""
        figures = self.evaluate(X, y)["model"]
        if "mase" not in figures:
            raise InputError("what repeats itself exactly has no MASE, and so no score: use evaluate")
        return -float(figures["mase"])

    def _joined(self, X: Any) -> Panel:
        """A panel like the one of training; series that begin where its end go on from them."""
        panel = self._examples(X).panel
        self.encoder_.check(panel)
        return self.baseline_.memory.joined(panel)

    def _stretch(self, X: Any, last: int | None, stride: int) -> Stretch:
        self._check_fitted()
        panel = self._joined(X)
        last, stride = _LAST.check("last", last), _STRIDE.check("stride", stride) or 1
        begins = np.zeros(len(panel), np.int64) if last is None else (panel.lengths - last).clip(0)
        return Stretch(panel, begins, stride)

    def _examples(self, X: Any, y: Any = None) -> Stretch:
        if y is not None:
            raise InputError("a forecaster has no y: the values to come are those of X itself")
        return X if isinstance(X, Stretch) else Stretch.whole(Panel.of(X))

    def _held_out(self, examples: Stretch, validation: Any, seed: int) -> HeldOut[Stretch]:
        horizon = self.checks["horizon"].check("horizon", self.horizon)
        return hold_out_end(examples.panel, validation, horizon, seed)

    def _scored(self, examples: Stretch) -> tuple[Stretch, str]:
        memory, share = self.baseline_.memory, self.data_["validation"]
        for held_out, which in ((False, "what comes after training"), (True, "the end that was held out")):
            begins = memory.begins(examples.panel, held_out=held_out)
            if not begins.any():
                return examples, "all of it"
            fresh = replace(examples, begins=np.maximum(examples.begins, begins), held_out=held_out)
            if (fresh.begins + self.encoder_.horizon <= fresh.panel.lengths).any():
                return fresh, which
        if share == 0:
            return examples, "all of it, which the model was trained on"
        raise InputError(
            f"there is nothing to score: no {self.encoder_.horizon} values come after those that the model "
            f"was trained on; give more"
        )

    def _prepare(
        self, parameters: Mapping[str, Any], held_out: HeldOut[Stretch], work: Path | None
    ) -> Prepared:
        train, valid = held_out.train, held_out.valid
        encoder = ForecastEncoder.learn(train.panel, parameters)
        return Prepared(
            encoder,
            Distribution(parameters["output"]),
            self._scorable(encoder, encoder.training(train.panel)),
            None if valid is None else self._scorable(encoder, valid),
        )

    def _encoded(self, encoder: ForecastEncoder, targets: Distribution, examples: Stretch) -> Scored:
        windows, panel = self._scorable(encoder, examples)
        return windows.whole(), panel

    def _scorable(self, encoder: ForecastEncoder, examples: Stretch) -> Scored:
        """All windows, some of them whole."""
        windows = encoder.windows(examples)
        if not windows.complete.any():
            raise InputError(
                f"no series has {encoder.least} values and {encoder.horizon} more after them: give longer "
                f"ones, or train a model for a shorter horizon"
            )
        return windows, examples.panel

    def _build(
        self,
        parameters: Mapping[str, Any],
        encoder: ForecastEncoder,
        targets: Distribution,
        *,
        describe: bool,
    ) -> ForecastNetwork:
        names = ("cell", "hidden_size", "num_layers", "dropout")
        with torch.device("meta" if describe else "cpu"):
            return ForecastNetwork(
                encoder.history_size,
                encoder.future_size,
                shape=targets.kind,
                **{name: parameters[name] for name in names},
            )

    def _objective(self, parameters: Mapping[str, Any], prepared: Prepared) -> ForecastObjective:
        network = self._build(parameters, prepared.encoder, prepared.targets, describe=True)
        check_memory(network, parameters, prepared.encoder.context + prepared.encoder.horizon)
        network = self._build(parameters, prepared.encoder, prepared.targets, describe=False)
        windows, panel = prepared.train
        stride = prepared.encoder.training(panel).stride
        return ForecastObjective(
            network.to(parameters["device"]),
            windows,
            len(windows) * stride / prepared.encoder.horizon,
            None if prepared.valid is None else prepared.valid[0],
            parameters["batch_size"],
            parameters["seed"],
        )

    def _load_encoder(self, value: Any) -> ForecastEncoder:
        return ForecastEncoder.from_json(value, self.parameters_["horizon"])

    def _load_targets(self, value: Any) -> Distribution:
        return Distribution.from_json(value)

    def _fit_baseline(self, prepared: Prepared) -> NaiveBaseline:
        _, learned = prepared.train
        panel = learned if prepared.valid is None else prepared.valid[1]
        return NaiveBaseline.of(prepared.encoder, panel, panel.lengths - learned.lengths)

    def _restore_baseline(self, arrays: Mapping[str, NDArray[Any]]) -> NaiveBaseline:
        return NaiveBaseline.from_arrays(arrays, self.encoder_)

    def _figures(self, scored: Scored) -> Figures:
        return self._figures_of(self.network_, scored)

    def _figures_of(self, network: ForecastNetwork, scored: Scored) -> Figures:
        windows, panel = scored
        predicted, loss = read_windows(network, windows, LEVELS)
        return {"loss": loss, **forecast_figures(truth_of(panel, windows, self.encoder_.season), predicted)}

    def _baseline_figures(self, scored: Scored) -> Figures:
        windows, panel = scored
        return next(iter(self.baseline_.figures(panel, windows).values()))

    def _judged(self, scored: Scored) -> dict[str, Any]:
        windows, panel = scored
        model, baselines = self._figures(scored), self.baseline_.figures(panel, windows)
        name, baseline = next(iter(baselines.items()))
        return {
            "model": model,
            "baseline_name": name,
            "baseline": baseline,
            "baselines": baselines,
            "linear": self._figures_of(shrunk(self.network_, 0.0), scored),
            **_skill(model, baseline),
        }

    def _settings(
        self,
        parameters: Mapping[str, Any],
        prepared: Prepared,
        steps_per_epoch: int,
        time_limit: float | None,
    ) -> Settings:
        settings = super()._settings(parameters, prepared, steps_per_epoch, time_limit)
        return replace(settings, keep_best=prepared.valid is not None)

    def _learned(
        self,
        parameters: dict[str, Any],
        network: nn.Module,
        prepared: Prepared,
        held_out: HeldOut[Stretch],
        outcome: Outcome,
    ) -> None:
        if prepared.valid is not None and isinstance(network, ForecastNetwork):
            shrink(network, prepared.valid[0])
        super()._learned(parameters, network, prepared, held_out, outcome)
        if prepared.valid is not None:
            self.encoder_ = self.encoder_.relearned(prepared.valid[1])

    def _metrics(self, prepared: Prepared, outcome: Outcome) -> dict[str, Any]:
        train, valid = self._first(prepared.train), prepared.valid
        if valid is not None:
            valid = valid[0].whole(), valid[1]
        judged = self._judged(train if valid is None else valid)
        return {
            "train": judged["model"] if valid is None else self._figures(train),
            "valid": None if valid is None else judged["model"],
            "baseline": {"name": judged.pop("baseline_name"), **judged.pop("baseline")},
            **{name: value for name, value in judged.items() if name != "model"},
            "train_sequences": len(prepared.train[0]),
            "valid_sequences": 0 if valid is None else len(valid[0]),
            **cost(self.network_, outcome),
        }

    def _first(self, scored: Scored) -> Scored:
        windows, panel = scored
        return windows.whole().first(_FIRST), panel


def _skill(model: Figures, baseline: Figures) -> Figures:
    """By which share the model's MASE is below the baseline's; {} where that is 0."""
    if not baseline.get("mase"):
        return {}
    return {"skill": 1 - model["mase"] / baseline["mase"]}
