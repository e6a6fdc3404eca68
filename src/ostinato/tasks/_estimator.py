"""What the estimators have in common: how they learn, are measured, saved and loaded."""

import os
import warnings
from abc import abstractmethod
from collections.abc import Mapping, Sized
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray
from torch import nn

from ostinato._errors import InputError
from ostinato._parameters import TIME_LIMIT, Check
from ostinato.data import (
    BASELINE,
    LARGEST_BASELINE,
    ModelDirectory,
    opened,
    saved_history,
    saved_metrics,
    saved_parameters,
    telling,
)
from ostinato.tasks._cost import cost
from ostinato.tasks._held_out import HeldOut
from ostinato.tasks._language_parameters import check_device
from ostinato.tasks._learner import Learner, Run, checked_place, here
from ostinato.tasks._saved import load_weights
from ostinato.tasks._sequence_files import Describable, SequenceFiles, save_sequence_files, saved_data
from ostinato.tasks._sequence_parameters import MAY_DIFFER, check_sequence_parameters
from ostinato.training import Figures, Objective, Outcome, Reporter, Settings

_JUDGES = 50  # held-out sequences without which the best weights cannot be told from lucky ones

ExamplesT = TypeVar("ExamplesT")
EncoderT = TypeVar("EncoderT", bound=Describable)
TargetsT = TypeVar("TargetsT", bound=Describable)
DataT = TypeVar("DataT", bound=tuple[Sized, Sized])


class Baseline(Protocol):
    """A simple model of the same task."""

    @property
    def name(self) -> str:
        """What it is, in a few words."""

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """As named arrays."""


@dataclass(frozen=True)
class Prepared(Generic[EncoderT, TargetsT, DataT]):
    """Examples as numbers: pairs of inputs and targets, and what encoded them."""

    encoder: EncoderT
    targets: TargetsT
    train: DataT
    valid: DataT | None


class Estimator(Learner, Generic[ExamplesT, EncoderT, TargetsT, DataT]):
    """A scikit-learn estimator that learns from examples, whatever these are.

    Attributes:
        encoder_: inputs → what the network reads.
        targets_: what its outputs mean.
        network_: the torch module.
        baseline_: a simple model of the same task, fitted on the same training examples.
        history_: a record for each evaluation.
        metrics_: final figures of model and baseline on training and held-out examples, and what they cost.
        parameters_: the parameters it was fitted with, whatever is set afterwards.
        data_: which examples were learned and which of them held out.
    """

    task: ClassVar[str]
    checks: ClassVar[Mapping[str, Check]]
    least_epochs: ClassVar[int] = 20  # where `epochs` is None
    least_steps: ClassVar[int] = 1000

    encoder_: EncoderT
    targets_: TargetsT
    network_: nn.Module
    baseline_: Baseline
    history_: list[dict[str, Any]]
    metrics_: dict[str, Any]
    parameters_: dict[str, Any]
    data_: dict[str, Any]

    @abstractmethod
    def _examples(self, X: Any, y: Any = None) -> ExamplesT:
        """Examples of what a user gives."""

    @abstractmethod
    def _held_out(self, examples: ExamplesT, validation: Any, seed: int) -> HeldOut[ExamplesT]:
        """Part them, as `fit` was told to, into those to learn from and those to be judged by."""

    @abstractmethod
    def _scored(self, examples: ExamplesT) -> tuple[ExamplesT, str]:
        """What of these examples `evaluate` may score, and what that is."""

    @abstractmethod
    def _prepare(
        self, parameters: Mapping[str, Any], held_out: HeldOut[ExamplesT], work: Path | None
    ) -> Prepared[EncoderT, TargetsT, DataT]:
        """Learn encoder and targets from the training examples, and encode all; large files go to `work`."""

    @abstractmethod
    def _encoded(self, encoder: EncoderT, targets: TargetsT, examples: ExamplesT) -> DataT:
        """Examples as numbers."""

    @abstractmethod
    def _build(
        self, parameters: Mapping[str, Any], encoder: EncoderT, targets: TargetsT, *, describe: bool
    ) -> nn.Module:
        """The network; with `describe`, names and shapes only."""

    @abstractmethod
    def _objective(
        self, parameters: Mapping[str, Any], prepared: Prepared[EncoderT, TargetsT, DataT]
    ) -> Objective:
        """What a new network is trained on."""

    @abstractmethod
    def _load_encoder(self, value: Any) -> EncoderT:
        """The encoder of a model directory."""

    @abstractmethod
    def _load_targets(self, value: Any) -> TargetsT:
        """The targets of a model directory."""

    @abstractmethod
    def _fit_baseline(self, prepared: Prepared[EncoderT, TargetsT, DataT]) -> Baseline:
        """The baseline of training examples."""

    @abstractmethod
    def _restore_baseline(self, arrays: Mapping[str, NDArray[Any]]) -> Baseline:
        """The same of a model directory, whose encoder and targets are there already."""

    @abstractmethod
    def _figures(self, scored: DataT) -> Figures:
        """The model's figures."""

    @abstractmethod
    def _baseline_figures(self, scored: DataT) -> Figures:
        """The baseline's."""

    @abstractmethod
    def _first(self, scored: DataT) -> DataT:
        """As many as the final training figures are on."""

    def _judged(self, scored: DataT) -> dict[str, Any]:
        """What `evaluate` tells of examples."""
        return {"model": self._figures(scored), "baseline": self._baseline_figures(scored)}

    def _finished(self, work: Path) -> None:
        """Delete what a finished run has no use for."""

    def fit(
        self,
        X: Any,
        y: Any = None,
        *,
        validation: Any = 0.1,
        directory: str | os.PathLike[str] | None = None,
        resume: bool = False,
        overwrite: bool = False,
        time_limit: float | None = None,
        reporter: Reporter | None = None,
    ) -> Self:
        """Learn from examples.

        Args:
            X: the inputs: a list, array or data frame column of texts, lists of tokens, numeric sequences
                (T,) or (T, D) with NaN for missing values, or `pathlib.Path`s of audio or video files.
            y: the target of each.
            validation: the share of the examples that is held out, of each class alike; or a pair (X, y) of
                its own; 0: nothing. If 50 sequences or more are held out, they choose the weights that are
                kept, and when to stop; fewer are no good judges: then the last weights are kept.
            directory: where checkpoints are kept while training and where the model is saved; None keeps all
                in memory.
            resume: go on with the interrupted run in `directory`, if there is one.
            overwrite: replace a model in `directory`.
            time_limit: seconds after which this call ends training, with the best weights so far.
            reporter: is told of every step; `ostinato.training.ProgressBar()` shows them.

        Raises:
            InputError: a parameter, an example or the directory will not do; the message says why.
            DivergedError: the loss stopped being a number.
            Interrupted: Ctrl-C; with a directory, `resume=True` goes on from the very step.
            KeyboardInterrupt: Ctrl-C before training began; the directory is as it was.
        """
        parameters = check_sequence_parameters(self.get_params(), self.checks)
        time_limit = TIME_LIMIT.check("time_limit", time_limit)
        place = checked_place(directory, resume=resume, overwrite=overwrite)
        held_out = self._held_out(self._examples(X, y), validation, parameters["seed"])

        def prepare(work: Path | None) -> Run:
            prepared = self._prepare(parameters, held_out, work)
            objective = self._objective(parameters, prepared)
            if held_out.warning:  # an error comes alone
                warnings.warn(held_out.warning, UserWarning, stacklevel=4)  # where `fit` is
            settings = self._settings(parameters, prepared, objective.steps_per_epoch, time_limit)
            learned = partial(self._learned, parameters, objective.module, prepared, held_out)
            return Run(objective, settings, learned, self._finished)

        facts = {k: v for k, v in {**parameters, **held_out.facts}.items() if k not in MAY_DIFFER}
        self._learn(prepare, place, parameters, facts, resume=resume, overwrite=overwrite, reporter=reporter)
        return self

    def evaluate(self, X: Any, y: Any = None) -> dict[str, Any]:
        """Figures of the model and of the baseline on examples.

        Where these are the examples the model was trained on, they are on the held-out part only: the model
        knows the rest.

        Returns:
            `data` (which part was scored), `sequences` (how many), `baseline_name`, and the figures of
            `model` and `baseline`; more by task.

        Raises:
            InputError: the examples cannot be read, or are of another kind than those of training.
        """
        self._check_fitted()
        examples, which = self._scored(self._examples(X, y))
        with self._reproducible(), np.errstate(over="ignore", invalid="ignore"):
            scored = self._encoded(self.encoder_, self.targets_, examples)
            judged = self._judged(scored)
        if not all(np.isfinite(judged[whose].get("loss", 0.0)) for whose in ("model", "baseline")):
            raise InputError("the model's loss is not finite: its weights are of no use, train it again")
        return {
            "data": which,
            "sequences": len(scored[0]),
            "baseline_name": self.baseline_.name,
            **judged,
        }

    @classmethod
    def load(cls, directory: str | os.PathLike[str], *, device: str = "cpu") -> Self:
        """Read a model directory; safe with a stranger's: nothing in it is executed.

        Raises:
            InputError: it is missing, damaged, of another task or from a newer Ostinato, or torch cannot use
                the device.
        """
        device = check_device(device)
        model = opened(Path(directory), cls._loaded)
        model.set_params(device=device)
        model.network_.to(device)
        return model

    @classmethod
    def _loaded(cls, saved: ModelDirectory) -> Self:
        parameters = saved_parameters(saved, cls.task, cls().get_params())
        with telling(saved.path / "config.json"):
            parameters = here(check_sequence_parameters(parameters, cls.checks), "cpu")
        model = cls(**parameters)
        model.parameters_ = parameters
        model.data_ = saved_data(saved)
        encoder, targets = saved.json("inputs.json"), saved.json("targets.json")
        with telling(saved.path / "inputs.json"):
            model.encoder_ = model._load_encoder(encoder)
        with telling(saved.path / "targets.json"):
            model.targets_ = model._load_targets(targets)
        model.network_ = model._build(parameters, model.encoder_, model.targets_, describe=True)
        load_weights(saved, model.network_)
        arrays = saved.tensors(BASELINE, limit=LARGEST_BASELINE)
        with telling(saved.path / BASELINE):
            model.baseline_ = model._restore_baseline(arrays)
        model.history_, model.metrics_ = saved_history(saved), saved_metrics(saved)
        return model

    def _settings(
        self,
        parameters: Mapping[str, Any],
        prepared: Prepared[EncoderT, TargetsT, DataT],
        steps_per_epoch: int,
        time_limit: float | None,
    ) -> Settings:
        names = ("learning_rate", "weight_decay", "clip_norm", "patience")
        return Settings(
            **{name: parameters[name] for name in names},
            epochs=parameters["epochs"] or max(self.least_epochs, -(-self.least_steps // steps_per_epoch)),
            keep_best=prepared.valid is not None and len(prepared.valid[0]) >= _JUDGES,
            time_limit=time_limit,
        )

    def _learned(
        self,
        parameters: dict[str, Any],
        network: nn.Module,
        prepared: Prepared[EncoderT, TargetsT, DataT],
        held_out: HeldOut[ExamplesT],
        outcome: Outcome,
    ) -> None:
        self.parameters_ = parameters
        self.encoder_, self.targets_, self.network_ = prepared.encoder, prepared.targets, network
        self.data_, self.history_ = dict(held_out.facts), outcome.history
        self.baseline_ = self._fit_baseline(prepared)
        self.metrics_ = self._metrics(prepared, outcome)

    def _metrics(self, prepared: Prepared[EncoderT, TargetsT, DataT], outcome: Outcome) -> dict[str, Any]:
        """The content of `metrics.json`."""
        train, valid = prepared.train, prepared.valid
        judged = train if valid is None else valid
        return {
            "train": self._figures(self._first(train)),
            "valid": None if valid is None else self._figures(valid),
            "baseline": {"name": self.baseline_.name, **self._baseline_figures(judged)},
            "train_sequences": len(train[0]),
            "valid_sequences": 0 if valid is None else len(valid[0]),
            **cost(self.network_, outcome),
        }

    def _save(self, directory: Path) -> None:
        save_sequence_files(
            directory,
            SequenceFiles(
                self.task,
                {**self.parameters_, "device": "cpu"},
                self.data_,
                self.encoder_,
                self.targets_,
                self.network_,
                self.baseline_.to_arrays(),
                self.history_,
                self.metrics_,
            ),
        )
