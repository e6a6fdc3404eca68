"""What classifiers, regressors and taggers have in common: how they learn, are measured, saved and loaded."""

import os
import shutil
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from ostinato._errors import InputError
from ostinato.data import (
    Examples,
    IdEncoder,
    InputEncoder,
    ModelDirectory,
    Ragged,
    encode_all,
    named,
)
from ostinato.nn import SequenceNetwork
from ostinato.tasks._cost import cost
from ostinato.tasks._held_out import HeldOut, held_out_rows
from ostinato.tasks._language_parameters import check_device
from ostinato.tasks._parameters import Check, Real
from ostinato.tasks._run_directory import check_free, claimed, locked
from ostinato.tasks._saved import (
    load_weights,
    opened,
    saved_history,
    saved_metrics,
    saved_parameters,
    telling,
)
from ostinato.tasks._sequence_files import (
    BASELINE,
    LARGEST_BASELINE,
    SequenceFiles,
    save_sequence_files,
    saved_data,
    saved_encoder,
)
from ostinato.tasks._sequence_objective import SequenceObjective, outputs_of
from ostinato.tasks._sequence_parameters import (
    MAY_DIFFER,
    build_network,
    check_memory,
    check_sequence_parameters,
    describe_network,
    learn_encoder,
)
from ostinato.tasks._sequence_targets import Encoded, SequenceTargets
from ostinato.training import Figures, Interrupted, Outcome, Reporter, Settings, reproducible, train

TIME_LIMIT = Real(0.0, 1e9, closed=False, optional=True)  # seconds
_SCORED = 20_000  # training sequences that the final training figures are on, the first ones
_MEDIA = ("audio", "video")
_DECODED = "decoded"  # where recordings are kept as a network reads them, while a run lasts


class Baseline(Protocol):
    """A simple model of the same task, whose outputs are read as the network's."""

    @property
    def name(self) -> str:
        """What it is, in a few words."""

    def outputs(self, sequences: Ragged) -> Any:
        """As `outputs_of`."""

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """As named arrays."""


@dataclass(frozen=True)
class Prepared:
    """Examples as numbers."""

    encoder: InputEncoder
    targets: SequenceTargets
    train: tuple[Ragged, Encoded]
    valid: tuple[Ragged, Encoded] | None


class SequenceEstimator(BaseEstimator, ABC):  # type: ignore[misc]
    """A scikit-learn estimator whose network reads a sequence.

    Attributes:
        encoder_: inputs → what the network reads.
        targets_: what its outputs mean.
        network_: the `ostinato.nn.SequenceNetwork`.
        baseline_: a simple model of the same task, fitted on the same training examples.
        history_: a record for each evaluation.
        metrics_: final figures of model and baseline on training and held-out examples, and what they cost.
        data_: which examples were learned and which of them held out.
    """

    task: ClassVar[str]
    checks: ClassVar[Mapping[str, Check]]

    encoder_: InputEncoder
    targets_: SequenceTargets
    network_: SequenceNetwork
    baseline_: Baseline
    history_: list[dict[str, Any]]
    metrics_: dict[str, Any]
    data_: dict[str, Any]

    @abstractmethod
    def _learn_targets(self, examples: Examples) -> SequenceTargets:
        """What is to be known of training targets."""

    @abstractmethod
    def _load_targets(self, value: Any) -> SequenceTargets:
        """The same of a model directory."""

    @abstractmethod
    def _fit_baseline(self, prepared: Prepared) -> Baseline:
        """The baseline of training examples."""

    @abstractmethod
    def _load_baseline(self, arrays: Mapping[str, NDArray[Any]], outputs: int, vocabulary: int) -> Baseline:
        """The same of a model directory."""

    def _details(self, outputs: Any, targets: Encoded) -> dict[str, Any]:
        """What `evaluate` tells beyond the figures."""
        return {}

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
                its own; 0: nothing. What is held out chooses the weights that are kept, and when to stop;
                with nothing held out, they are the last ones.
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
        if directory is None and resume:
            raise InputError("resume=True needs a directory: name the one that the run was started with")
        place = None if directory is None else Path(directory)
        if place is not None and not resume:
            check_free(place, overwrite)  # at once, not after reading many files
        examples = Examples.of(X, y)
        held_out = HeldOut.of(examples, validation, self._strata(examples), parameters["seed"])
        facts = {k: v for k, v in {**parameters, **held_out.facts}.items() if k not in MAY_DIFFER}
        with (
            reproducible(parameters["seed"], parameters["threads"], parameters["device"]),
            nullcontext() if place is None else locked(place),
        ):
            with claimed(place, facts, resume=resume, overwrite=overwrite) as work:
                prepared = self._prepare(parameters, held_out, work)
                objective = self._objective(parameters, prepared)
            try:
                settings = _settings(parameters, time_limit)
                outcome = train(objective, settings, directory=work, resume=resume, reporter=reporter)
                self._learned(objective.module, prepared, held_out, outcome)
                if place is not None:
                    self._save(place)
                if work is not None and outcome.ended != "time limit":
                    shutil.rmtree(work / _DECODED, ignore_errors=True)  # a finished run has no use for it
            except KeyboardInterrupt as interrupt:  # in the final figures too: the run can go on
                raise Interrupted from interrupt
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
        examples, which = self._scored(Examples.of(X, y))
        with self._reproducible():
            sequences, targets = self._encoded(self.encoder_, self.targets_, examples)
            outputs = outputs_of(self.network_, sequences)
            return {
                "data": which,
                "sequences": len(sequences),
                "baseline_name": self.baseline_.name,
                "model": self.targets_.figures(outputs, targets),
                "baseline": self.targets_.figures(self.baseline_.outputs(sequences), targets),
                **self._details(outputs, targets),
            }

    def save(self, directory: str | os.PathLike[str], *, overwrite: bool = False) -> None:
        """Write the model directory, whole or not at all.

        Raises:
            InputError: there is something in it and `overwrite` is not set, or it cannot be written.
        """
        self._check_fitted()
        check_free(Path(directory), overwrite)
        self._save(Path(directory))

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
            parameters = check_sequence_parameters(parameters, cls.checks)
        if (parameters["threads"] or 0) > (os.cpu_count() or 1):  # saved on a larger machine
            parameters["threads"] = None
        model = cls(**parameters)
        model.data_, model.encoder_ = saved_data(saved), saved_encoder(saved)
        value = saved.json("targets.json")
        with telling(saved.path / "targets.json"):
            model.targets_ = model._load_targets(value)
        model.network_ = model._build(parameters, model.encoder_, model.targets_, describe=True)
        load_weights(saved, model.network_)
        arrays = saved.tensors(BASELINE, limit=LARGEST_BASELINE)
        with telling(saved.path / BASELINE):
            outputs, vocabulary = model.targets_.outputs, vocabulary_of(model.encoder_)
            model.baseline_ = model._load_baseline(arrays, outputs, vocabulary)
        model.history_, model.metrics_ = saved_history(saved), saved_metrics(saved)
        return model

    def _strata(self, examples: Examples) -> Any:
        return None

    def _build(
        self,
        parameters: Mapping[str, Any],
        encoder: InputEncoder,
        targets: SequenceTargets,
        *,
        describe: bool,
    ) -> SequenceNetwork:
        """The network; with `describe`, names and shapes only."""
        return (describe_network if describe else build_network)(parameters, encoder, targets.outputs)

    def _prepare(self, parameters: Mapping[str, Any], held_out: HeldOut, work: Path | None) -> Prepared:
        train, valid = held_out.train, held_out.valid
        decoded = None
        if work is not None and train.kind in _MEDIA:
            decoded = work / _DECODED
            decoded.mkdir(exist_ok=True)
        targets = self._learn_targets(train)
        encoder = learn_encoder(train.kind, train.inputs, parameters)
        return Prepared(
            encoder,
            targets,
            self._encoded(encoder, targets, train, decoded, "train"),
            None if valid is None else self._encoded(encoder, targets, valid, decoded, "valid"),
        )

    def _encoded(
        self,
        encoder: InputEncoder,
        targets: SequenceTargets,
        examples: Examples,
        directory: Path | None = None,
        name: str = "inputs",
    ) -> tuple[Ragged, Encoded]:
        """Examples as numbers; recordings that cannot be decoded are left out where that is asked for."""
        sequences, kept = self._sequences(encoder, examples, self.on_corrupt, directory, name)
        if len(kept) < len(examples):
            examples = examples.take(kept)
        return sequences, targets.encode(examples, sequences.lengths, encoder.seconds_per_step)

    def _sequences(
        self,
        encoder: InputEncoder,
        examples: Examples,
        on_corrupt: Any = "error",
        directory: Path | None = None,
        name: str = "inputs",
    ) -> tuple[Ragged, NDArray[np.int64]]:
        """Inputs as a network reads them, and which of them there are."""
        if examples.kind != encoder.kind:
            raise InputError(f"the inputs are {examples.kind} and the model was trained on {encoder.kind}")
        sequences, kept = encode_all(
            encoder,
            examples.inputs,
            workers=self.workers,
            on_corrupt=on_corrupt,
            place=examples.place,
            directory=directory,
            name=name,
        )
        if empty := np.flatnonzero(sequences.lengths == 0).tolist():
            raise InputError(
                f"sequences of length 0: {named(examples.place(int(kept[row])) for row in empty)}; "
                f"leave them out, there is nothing in them to go by"
            )
        return sequences, kept

    def _outputs(self, X: Any) -> Any:
        """What the network gives for each of the inputs."""
        self._check_fitted()
        with self._reproducible():
            sequences, _ = self._sequences(self.encoder_, Examples.of(X))
            return outputs_of(self.network_, sequences)

    def _objective(self, parameters: Mapping[str, Any], prepared: Prepared) -> SequenceObjective:
        network = self._build(parameters, prepared.encoder, prepared.targets, describe=True)
        check_memory(network, parameters, int(prepared.train[0].lengths.max()))
        network = self._build(parameters, prepared.encoder, prepared.targets, describe=False)
        return SequenceObjective(
            network.to(parameters["device"]),
            prepared.targets,
            prepared.train,
            prepared.valid,
            parameters["batch_size"],
            parameters["seed"],
        )

    def _learned(
        self, network: SequenceNetwork, prepared: Prepared, held_out: HeldOut, outcome: Outcome
    ) -> None:
        self.encoder_, self.targets_, self.network_ = prepared.encoder, prepared.targets, network
        self.data_, self.history_ = dict(held_out.facts), outcome.history
        self.baseline_ = self._fit_baseline(prepared)
        self.metrics_ = self._metrics(prepared, outcome)

    def _metrics(self, prepared: Prepared, outcome: Outcome) -> dict[str, Any]:
        """The content of `metrics.json`."""
        train, valid = prepared.train, prepared.valid
        judged = train if valid is None else valid
        return {
            "train": self._figures(_first(train, _SCORED)),
            "valid": None if valid is None else self._figures(valid),
            "baseline": {
                "name": self.baseline_.name,
                **self.targets_.figures(self.baseline_.outputs(judged[0]), judged[1]),
            },
            "train_sequences": len(train[0]),
            "valid_sequences": 0 if valid is None else len(valid[0]),
            **cost(self.network_, outcome),
        }

    def _figures(self, scored: tuple[Ragged, Encoded]) -> Figures:
        return self.targets_.figures(outputs_of(self.network_, scored[0]), scored[1])

    def _scored(self, examples: Examples) -> tuple[Examples, str]:
        """What of these examples may be scored, and what that is."""
        validation, fingerprint = self.data_["validation"], examples.fingerprint()
        if fingerprint == validation:
            return examples, "all of them, held out from training"
        if fingerprint != self.data_["sha256"]:
            return examples, "all of them"
        if not isinstance(validation, float) or validation == 0:
            return examples, "all of them, which the model was trained on"
        rows = held_out_rows(len(examples), validation, self._strata(examples), self.seed)
        return examples.take(np.flatnonzero(rows)), f"the {100 * validation:g} % held out from training"

    def _save(self, directory: Path) -> None:
        parameters = {**check_sequence_parameters(self.get_params(), self.checks), "device": "cpu"}
        save_sequence_files(
            directory,
            SequenceFiles(
                self.task,
                parameters,
                self.data_,
                self.encoder_,
                self.targets_,
                self.network_,
                self.baseline_.to_arrays(),
                self.history_,
                self.metrics_,
            ),
        )

    def _reproducible(self) -> Any:
        return reproducible(self.seed, self.threads, self.network_.decoder.weight.device)

    def _check_fitted(self) -> None:
        name = type(self).__name__
        check_is_fitted(
            self, "network_", msg=f"this %(name)s has learned nothing yet: call fit, or {name}.load"
        )


def vocabulary_of(encoder: InputEncoder) -> int:
    """The number of token ids; 0 for numeric steps."""
    return encoder.size if isinstance(encoder, IdEncoder) else 0


def _settings(parameters: Mapping[str, Any], time_limit: float | None) -> Settings:
    names = ("epochs", "learning_rate", "weight_decay", "clip_norm", "patience")
    return Settings(**{name: parameters[name] for name in names}, time_limit=time_limit)


def _first(scored: tuple[Ragged, Encoded], count: int) -> tuple[Ragged, Encoded]:
    sequences, targets = scored
    if len(sequences) <= count:
        return scored
    rows = range(count)
    return sequences.take(rows), targets.take(rows) if isinstance(targets, Ragged) else targets[:count]
