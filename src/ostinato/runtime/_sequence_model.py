"""What classifiers, regressors and taggers have in common."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Self

from numpy.typing import NDArray

from ostinato._parameters import NETWORK, Check, Choice, Truth, Whole, check_parameters
from ostinato.data import (
    Answers,
    Examples,
    InputEncoder,
    ModelDirectory,
    Ragged,
    by_length,
    encode_examples,
    input_encoder_from_json,
    saved_parameters,
    saved_weights,
    telling,
)
from ostinato.runtime._layers import Precision
from ostinato.runtime._model import Model, fingerprint_of
from ostinato.runtime._sequence_network import SequenceNetwork

# What of training's parameters a network's form depends on, and what they are where they are not saved.
SEQUENCE: dict[str, tuple[Check, Any]] = {
    "cell": (NETWORK["cell"], "gru"),
    "hidden_size": (NETWORK["hidden_size"], 128),
    "num_layers": (NETWORK["num_layers"], 1),
    "bidirectional": (Truth(), True),
    "input": (Choice(["embedding", "one-hot"]), "embedding"),
    "embedding_size": (Whole(1, 1 << 15), 64),
    "frames": (Choice(["convolution", "pixels"]), "convolution"),
}

_AT_A_TIME = 1 << 23  # numbers computed


class SequenceModel(Model):
    """A model whose network reads a sequence.

    Attributes:
        encoder: inputs → what the network reads.
        answers: what its outputs mean.
        network: in numpy.
        parameters: those that its form depends on.
    """

    form: ClassVar[Mapping[str, tuple[Check, Any]]]
    answers_kind: ClassVar[type[Answers]]

    encoder: InputEncoder
    answers: Answers
    network: SequenceNetwork
    parameters: dict[str, Any]

    @classmethod
    def read(cls, saved: ModelDirectory, precision: Precision) -> Self:
        """The model of an opened directory."""
        model = cls()
        model.parameters = network_parameters(saved, cls.task, cls.form)
        inputs, targets = saved.json("inputs.json"), saved.json("targets.json")
        with telling(saved.path / "inputs.json"):
            model.encoder = input_encoder_from_json(inputs)
        with telling(saved.path / "targets.json"):
            model.answers = cls.answers_kind.from_json(targets)
        model.network = SequenceNetwork(model.encoder, model.parameters, model.answers.outputs)
        model._load(saved, precision)
        model.fingerprint = fingerprint_of(saved)
        return model

    def _load(self, saved: ModelDirectory, precision: Precision) -> None:
        """Take the weights of the directory."""
        self.network.load(saved_weights(saved, self.network.shapes()), precision)

    def _sequences(self, X: Any) -> Ragged:
        return encode_examples(self.encoder, Examples.of(X))[0]

    def _outputs(self, sequences: Ragged, rows: NDArray[Any]) -> list[Any]:
        """What the network gives for some of the sequences, (K,) or (T, K) each."""
        arrays: dict[int, Any] = {}
        for some in by_length(sequences.lengths[rows], max(1, _AT_A_TIME // self.network.numbers_per_step)):
            x, lengths = sequences.padded(rows[some])
            outputs = self.network.whole(x, lengths)
            for column, (index, length) in enumerate(zip(some.tolist(), lengths.tolist(), strict=True)):
                arrays[index] = outputs[column] if outputs.ndim == 2 else outputs[:length, column].copy()
        return [arrays[index] for index in range(len(rows))]

    @abstractmethod
    def predict(self, X: Any) -> Any:
        """What the model says of each input."""


def network_parameters(
    saved: ModelDirectory, task: str, form: Mapping[str, tuple[Check, Any]]
) -> dict[str, Any]:
    """The saved parameters that a network's form depends on, checked.

    Args:
        saved: the directory.
        task: that it must be of.
        form: by name a check, and the value in a model that was saved before there was such a parameter.
    """
    given = saved.config.get("parameters")
    known = given if isinstance(given, dict) else {}
    defaults = {**known, **{name: default for name, (_, default) in form.items()}}
    parameters = saved_parameters(saved, task, defaults)
    checks = {name: check for name, (check, _) in form.items()}
    with telling(saved.path / "config.json"):
        return check_parameters({name: parameters[name] for name in form}, checks)
