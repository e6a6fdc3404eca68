"""A saved generator, without torch."""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError
from ostinato._parameters import Check, Whole
from ostinato.data import (
    ClassConditions,
    Conditions,
    ModelDirectory,
    Written,
    WrittenNumbers,
    WrittenTexts,
    condition_examples,
    conditions_from_json,
    encode_conditions,
    saved_weights,
    telling,
    write_sequences,
)
from ostinato.runtime._conditional_network import ConditionalNetwork
from ostinato.runtime._generator_stepper import NumberStepper, TextStepper
from ostinato.runtime._inputs import Inputs, VectorInputs, token_inputs
from ostinato.runtime._language_model import FORM as LANGUAGE_FORM
from ostinato.runtime._layers import Precision
from ostinato.runtime._linear import Floats
from ostinato.runtime._model import Model, fingerprint_of, refuse
from ostinato.runtime._sequence_model import network_parameters
from ostinato.runtime._stepper import State, Stepper

FORM: dict[str, tuple[Check, Any]] = {
    **LANGUAGE_FORM,
    "hidden_size": (LANGUAGE_FORM["hidden_size"][0], 512),
    "condition_size": (Whole(1, 1 << 15), 64),
}


class Generator(Model):
    """Writes what it is asked for, as `ostinato.Generator` does: from a class, a number or a vector.

    A stream is begun with what is asked for, `stream(given=…)`. Its `push` takes the step that came next, of
    texts a piece, and tells what may follow; `push()` at first tells what may be the first step. Of texts it
    gives (V + 1,) float32, the probability of each token and, last, of the end; of numbers a `NextNumbers`.

    Attributes:
        conditions: what it is asked for → what the network is given.
        written: what it writes.
        network: in numpy.
    """

    task = "generate"

    conditions: Conditions
    written: Written
    network: ConditionalNetwork

    @classmethod
    def read(cls, saved: ModelDirectory, precision: Precision) -> Self:
        """The model of an opened directory."""
        model = cls()
        parameters = network_parameters(saved, cls.task, FORM)
        given, targets = saved.json("inputs.json"), saved.json("targets.json")
        with telling(saved.path / "inputs.json"):
            model.conditions = conditions_from_json(given)
        with telling(saved.path / "targets.json"):
            model.written = _written(targets)
        model.network = ConditionalNetwork(
            _inputs(model.written, parameters),
            model.conditions.size,
            model.written.outputs,
            parameters,
            is_class=isinstance(model.conditions, ClassConditions),
        )
        model.network.load(saved_weights(saved, model.network.shapes()), precision)
        model.fingerprint = fingerprint_of(saved)
        return model

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

        Arguments and errors are those of `ostinato.Generator.sample`, and so are the sequences of a seed.
        """
        return write_sequences(
            _NetworkWriter(self.network),
            self.written,
            encode_conditions(self.conditions, condition_examples(X)),
            length=length,
            temperature=temperature,
            top_k=top_k,
            top_p=top_p,
            seed=seed,
        )

    def predict(self, X: Any) -> list[Any]:
        """For each of X the sequence of the likeliest tokens, or of the mean of numbers at median length."""
        return self.sample(X, temperature=0.0, seed=0)

    def stepper(self, **options: Any) -> Stepper:
        """How a stream steps that is asked for something.

        Args:
            options: `given`, a string, a number or a vector.
        """
        if "given" not in options:
            raise InputError("a generator writes what it is asked for: give it, stream(given=…)")
        given = options.pop("given")
        refuse(self.task, options)
        condition = self.network.condition(encode_conditions(self.conditions, condition_examples([given])))
        if isinstance(self.written, WrittenTexts):
            return TextStepper(self.network, self.written, condition)
        assert isinstance(self.written, WrittenNumbers)
        return NumberStepper(self.network, self.written, condition)


class _NetworkWriter:
    """A network as `write_sequences` asks for it; what was asked for is in the state of the sequences."""

    def __init__(self, network: ConditionalNetwork) -> None:
        self._network = network

    def start(self, conditions: NDArray[Any]) -> State:
        c = self._network.condition(conditions)
        return c, *self._network.start(c)

    def step(self, x: NDArray[Any], conditions: NDArray[Any], state: State) -> tuple[Floats, State]:
        c, *recurrent = state
        outputs, after = self._network.step(x, c, tuple(recurrent))
        return outputs, (c, *after)

    def keep(self, state: State, rows: NDArray[np.int64]) -> State:
        return tuple(array[..., rows, :] for array in state)


def _inputs(written: Written, parameters: Mapping[str, Any]) -> Inputs:
    if isinstance(written, WrittenTexts):
        return token_inputs(parameters, written.ids)
    assert isinstance(written, WrittenNumbers)
    return VectorInputs(written.features)


def _written(value: Any) -> Written:
    for kind in (WrittenTexts, WrittenNumbers):
        if isinstance(value, dict) and value.get("kind") == kind.kind:
            return kind.from_json(value)
    raise InputError("the `kind` of targets must be text or numbers; save the model anew")
