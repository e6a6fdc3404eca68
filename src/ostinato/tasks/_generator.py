"""The generator: from a class, a word, a number or a vector a whole sequence (one to many)."""

from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import torch
from numpy.typing import NDArray

from ostinato._errors import InputError
from ostinato._parameters import NETWORK, Whole
from ostinato.data import (
    ClassConditions,
    Conditions,
    Examples,
    condition_examples,
    conditions_from_json,
    conditions_of,
    encode_conditions,
    write_sequences,
)
from ostinato.nn import ClassCondition, ConditionalNetwork, VectorCondition
from ostinato.tasks._estimator import Prepared as AnyPrepared
from ostinato.tasks._example_estimator import FIRST, ExampleEstimator
from ostinato.tasks._generator_linear import LastValue
from ostinato.tasks._generator_ngram import ClassNGram
from ostinato.tasks._generator_numbers import NumberTargets
from ostinato.tasks._generator_objective import GeneratorObjective, Scored, nats_of
from ostinato.tasks._generator_targets import GeneratorTargets
from ostinato.tasks._generator_texts import TextTargets
from ostinato.tasks._generator_writer import NetworkWriter
from ostinato.tasks._held_out import HeldOut
from ostinato.tasks._sequence_parameters import EXAMPLES, INPUTS, check_memory
from ostinato.training import Figures

Prepared: TypeAlias = AnyPrepared[Conditions, GeneratorTargets, Scored]

_TOKENS = ("tokens", "vocabulary_size", "input", "embedding_size", "embedding_dropout")


class Generator(ExampleEstimator[Conditions, GeneratorTargets, Scored]):
    """Learns to write what it is asked for: from a class, a word, a number or a vector a text, or numbers.

    What is asked for reaches every step: it is part of each input, and the layers begin in a state made of
    it. Sequences end by themselves. Texts are written token by token; numbers as Gaussians, one for each
    column, whose means and standard deviations the network gives.

    In `fit`, X is what is asked for: a list, array or data frame column of strings, each of which is a class
    of its own; of numbers; or of vectors (D,), NaN where missing. y is what was written: texts, or numeric
    sequences (T,) or (T, D), without gaps.

    Args:
        tokens: "characters", "words" or "subwords", for texts.
        vocabulary_size: tokens at most; None: all characters, 20,000 words, 4,096 subwords.
        input: "embedding" or "one-hot", for texts.
        embedding_size: numbers per token, for input="embedding".
        embedding_dropout: share of these numbers dropped while training.
        condition_size: numbers that stand for what is asked for.
        cell: "rnn", "lstm" or "gru".
        hidden_size: numbers in the state of a layer.
        num_layers: recurrent layers.
        dropout: share of each layer's outputs dropped while training.
        epochs: passes over the examples, at most; None: 20, or as many as make 1,000 steps.
        batch_size: sequences a step.
        learning_rate: AdamW's, at its peak after the warm-up.
        weight_decay: AdamW's, of matrices.
        clip_norm: the largest norm of a gradient.
        patience: evaluations without improvement before training ends early.
        seed: of the weights, the dropout, the order and which examples are held out.
        threads: CPU threads; None leaves torch's setting.
        device: where torch computes, "cpu" or "cuda".
    """

    task = "generate"
    checks = {  # noqa: RUF012
        **{name: INPUTS[name] for name in _TOKENS},
        "condition_size": Whole(1, 1 << 15),
        **NETWORK,
        **EXAMPLES,
    }

    network_: ConditionalNetwork
    baseline_: ClassNGram | LastValue

    def __init__(
        self,
        *,
        tokens: str = "characters",
        vocabulary_size: int | None = None,
        input: str = "embedding",  # noqa: A002 (the field's word for it)
        embedding_size: int = 64,
        embedding_dropout: float = 0.2,
        condition_size: int = 64,
        cell: str = "gru",
        hidden_size: int = 512,
        num_layers: int = 1,
        dropout: float = 0.3,
        epochs: int | None = None,
        batch_size: int = 32,
        learning_rate: float = 0.002,
        weight_decay: float = 0.01,
        clip_norm: float = 1.0,
        patience: int = 5,
        seed: int = 0,
        threads: int | None = None,
        device: str = "cpu",
    ) -> None:
        self.tokens = tokens
        self.vocabulary_size = vocabulary_size
        self.input = input
        self.embedding_size = embedding_size
        self.embedding_dropout = embedding_dropout
        self.condition_size = condition_size
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

    def generate(self, given: Any, **options: Any) -> Any:
        """One sequence for a string, a number or a vector; the options are those of `sample`."""
        return self.sample([given], **options)[0]

    def sample(
        self,
        X: Any,
        *,
        length: int | None = None,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
        seed: int | None = None,
    ) -> list[Any]:
        """Write a sequence for each of X, all side by side.

        Args:
            X: what is asked for, as in `fit`; the same thing several times gives several sequences.
            length: tokens or steps at most; None: half as many again as the longest sequence in training had.
            temperature: below 1 more predictable, above 1 more daring, 0 always the likeliest token; the
                standard deviations of numbers are multiplied by it.
            top_k: choose among the k likeliest tokens only.
            top_p: choose among the likeliest tokens that together have probability p only.
            seed: same seed, same sequences; None: others each time.

        Returns:
            Texts; or arrays (T, D) in the units of training's targets, (T,) where those were.

        Raises:
            InputError: an option is out of its range; or X is not like what was asked for in training, or
                holds a string that it never held.
        """
        self._check_fitted()
        with self._reproducible():
            return write_sequences(
                NetworkWriter(self.network_),
                self.targets_,
                encode_conditions(self.encoder_, self._examples(X)),
                length=length,
                temperature=temperature,
                top_k=top_k,
                top_p=top_p,
                seed=seed,
            )

    def predict(self, X: Any) -> list[Any]:
        """For each of X the sequence of the likeliest tokens, or of the mean of numbers at median length."""
        return self.sample(X, temperature=0.0, seed=0)

    def score(self, X: Any, y: Any = None) -> float:
        """Minus the bits per character of texts, minus the nats per step of numbers: higher is better."""
        figures = self.evaluate(X, y)["model"]
        return -float(figures.get("bits_per_character", figures["loss"]))

    def _examples(self, X: Any, y: Any = None) -> Examples:
        return condition_examples(X, y)

    def _strata(self, examples: Examples) -> Sequence[Hashable] | None:
        return list(examples.inputs) if examples.kind == ClassConditions.takes else None

    def _prepare(
        self, parameters: Mapping[str, Any], held_out: HeldOut[Examples], work: Path | None
    ) -> Prepared:
        train, valid = held_out.train, held_out.valid
        conditions = conditions_of(train).learn(train)
        targets = _kind_of_targets(train).learn(train, parameters)
        return Prepared(
            conditions,
            targets,
            self._encoded(conditions, targets, train),
            None if valid is None else self._encoded(conditions, targets, valid),
        )

    def _encoded(self, encoder: Conditions, targets: GeneratorTargets, examples: Examples) -> Scored:
        if _kind_of_targets(examples).kind != targets.kind:
            raise InputError(f"the targets are not {targets.kind}, as those of training were")
        return encode_conditions(encoder, examples), targets.encode(examples)

    def _build(
        self,
        parameters: Mapping[str, Any],
        encoder: Conditions,
        targets: GeneratorTargets,
        *,
        describe: bool,
    ) -> ConditionalNetwork:
        names = ("cell", "hidden_size", "num_layers", "condition_size", "dropout", "embedding_dropout")
        condition = ClassCondition if isinstance(encoder, ClassConditions) else VectorCondition
        with torch.device("meta" if describe else "cpu"):
            return ConditionalNetwork(
                targets.inputs(parameters),
                condition(encoder.size),
                targets.outputs,
                **{name: parameters[name] for name in names},
            )

    def _objective(self, parameters: Mapping[str, Any], prepared: Prepared) -> GeneratorObjective:
        network = self._build(parameters, prepared.encoder, prepared.targets, describe=True)
        check_memory(network, parameters, prepared.targets.longest + 1)
        network = self._build(parameters, prepared.encoder, prepared.targets, describe=False)
        return GeneratorObjective(
            network.to(parameters["device"]),
            prepared.targets,
            prepared.train,
            prepared.valid,
            parameters["batch_size"],
            parameters["seed"],
        )

    def _load_encoder(self, value: Any) -> Conditions:
        return conditions_from_json(value)

    def _load_targets(self, value: Any) -> GeneratorTargets:
        for kind in (TextTargets, NumberTargets):
            if isinstance(value, dict) and value.get("kind") == kind.kind:
                return kind.from_json(value)
        raise InputError("the `kind` of targets must be text or numbers; save the model anew")

    def _fit_baseline(self, prepared: Prepared) -> ClassNGram | LastValue:
        conditions, encoded = prepared.train
        if isinstance(prepared.targets, TextTargets):
            return ClassNGram.fit(conditions, encoded.steps, prepared.targets.ids)
        return LastValue.fit(encoded.steps)

    def _restore_baseline(self, arrays: Mapping[str, NDArray[Any]]) -> ClassNGram | LastValue:
        if isinstance(self.targets_, TextTargets):
            classes = len(self.encoder_.labels) if isinstance(self.encoder_, ClassConditions) else 0
            return ClassNGram.from_arrays(arrays, self.targets_.ids, classes)
        return LastValue.from_arrays(arrays, self.targets_.outputs // 2)

    def _figures(self, scored: Scored) -> Figures:
        return self.targets_.figures(nats_of(self.network_, self.targets_, scored), scored[1])

    def _baseline_figures(self, scored: Scored) -> Figures:
        conditions, encoded = scored
        return self.targets_.figures(self.baseline_.nats(conditions, encoded.steps), encoded)

    def _judged(self, scored: Scored) -> dict[str, Any]:
        unknown = {}
        if isinstance(self.targets_, TextTargets):
            unknown = {"unknown": self.targets_.unknown(scored[1])}
        return {**super()._judged(scored), **unknown}

    def _first(self, scored: Scored) -> Scored:
        return scored[0][:FIRST], scored[1].first(FIRST)


def _kind_of_targets(examples: Examples) -> type[GeneratorTargets]:
    """Texts or numbers, as the first target is."""
    if examples.targets is None:
        raise InputError("there are no targets: y cannot be None, give the text or the numbers of each")
    return TextTargets if isinstance(examples.targets[0], str) else NumberTargets
