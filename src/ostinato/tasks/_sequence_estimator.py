"""What classifiers, regressors and taggers have in common: a network that reads whole sequences."""

import shutil
from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from numpy.typing import NDArray

from ostinato.data import (
    MEDIA,
    Examples,
    IdEncoder,
    InputEncoder,
    Ragged,
    encode_examples,
    input_encoder_from_json,
)
from ostinato.nn import SequenceNetwork
from ostinato.tasks._estimator import Baseline as AnyBaseline
from ostinato.tasks._estimator import Prepared as AnyPrepared
from ostinato.tasks._example_estimator import FIRST, ExampleEstimator
from ostinato.tasks._held_out import HeldOut
from ostinato.tasks._sequence_objective import SequenceObjective, outputs_of
from ostinato.tasks._sequence_parameters import build_network, check_memory, describe_network, learn_encoder
from ostinato.tasks._sequence_targets import Encoded, SequenceTargets
from ostinato.training import Figures

Scored: TypeAlias = tuple[Ragged, Encoded]
Prepared: TypeAlias = AnyPrepared[InputEncoder, SequenceTargets, Scored]

_DECODED = "decoded"  # where recordings are kept as a network reads them, while a run lasts


class Baseline(AnyBaseline, Protocol):
    """A simple model of the same task, whose outputs are read as the network's."""

    def outputs(self, sequences: Ragged) -> Any:
        """As `outputs_of`."""


class SequenceEstimator(ExampleEstimator[InputEncoder, SequenceTargets, Scored]):
    """An estimator whose network reads a sequence."""

    network_: SequenceNetwork
    baseline_: Baseline
    on_corrupt: str
    workers: int | None

    @abstractmethod
    def _learn_targets(self, examples: Examples) -> SequenceTargets:
        """What is to be known of training targets."""

    @abstractmethod
    def _load_baseline(self, arrays: Mapping[str, NDArray[Any]], outputs: int, vocabulary: int) -> Baseline:
        """The baseline of a model directory, for a network with so many outputs that reads so many ids."""

    def _details(self, outputs: Any, targets: Encoded) -> dict[str, Any]:
        """What `evaluate` tells beyond the figures."""
        return {}

    def _read(self, network: Any, sequences: Ragged) -> Any:
        """What a network says of each sequence, for the targets to make figures of."""
        return outputs_of(network, sequences)

    def _restore_baseline(self, arrays: Mapping[str, NDArray[Any]]) -> Baseline:
        return self._load_baseline(arrays, self.targets_.outputs, vocabulary_of(self.encoder_))

    def _load_encoder(self, value: Any) -> InputEncoder:
        return input_encoder_from_json(value)

    def _build(
        self,
        parameters: Mapping[str, Any],
        encoder: InputEncoder,
        targets: SequenceTargets,
        *,
        describe: bool,
    ) -> SequenceNetwork:
        return (describe_network if describe else build_network)(parameters, encoder, targets.outputs)

    def _prepare(
        self, parameters: Mapping[str, Any], held_out: HeldOut[Examples], work: Path | None
    ) -> Prepared:
        train, valid = held_out.train, held_out.valid
        decoded = None
        if work is not None and train.kind in MEDIA:
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

    def _finished(self, work: Path) -> None:
        shutil.rmtree(work / _DECODED, ignore_errors=True)

    def _encoded(
        self,
        encoder: InputEncoder,
        targets: SequenceTargets,
        examples: Examples,
        directory: Path | None = None,
        name: str = "inputs",
    ) -> Scored:
        """Examples as numbers; recordings that cannot be decoded are left out where that is asked for."""
        sequences, kept = encode_examples(
            encoder,
            examples,
            workers=self.workers,
            on_corrupt=self.on_corrupt,
            directory=directory,
            name=name,
        )
        if len(kept) < len(examples):
            examples = examples.take(kept)
        return sequences, targets.encode(examples, sequences.lengths, encoder.seconds_per_step)

    def _outputs(self, X: Any) -> Any:
        """What the network gives for each of the inputs."""
        self._check_fitted()
        with self._reproducible():
            sequences, _ = encode_examples(self.encoder_, Examples.of(X), workers=self.workers)
            return self._read(self.network_, sequences)

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
            self._read,
        )

    def _judged(self, scored: Scored) -> dict[str, Any]:
        outputs = self._read(self.network_, scored[0])
        return {
            "model": self.targets_.figures(outputs, scored[1]),
            "baseline": self._baseline_figures(scored),
            **self._details(outputs, scored[1]),
        }

    def _figures(self, scored: Scored) -> Figures:
        return self.targets_.figures(self._read(self.network_, scored[0]), scored[1])

    def _baseline_figures(self, scored: Scored) -> Figures:
        return self.targets_.figures(self.baseline_.outputs(scored[0]), scored[1])

    def _first(self, scored: Scored) -> Scored:
        sequences, targets = scored
        if len(sequences) <= FIRST:
            return scored
        rows = range(FIRST)
        return sequences.take(rows), targets.take(rows) if isinstance(targets, Ragged) else targets[:FIRST]


def vocabulary_of(encoder: InputEncoder) -> int:
    """The number of token ids; 0 for numeric steps."""
    return encoder.size if isinstance(encoder, IdEncoder) else 0
