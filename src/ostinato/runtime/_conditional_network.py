"""The network of a generator: the twin of `ostinato.nn.ConditionalNetwork`, without torch."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ostinato.runtime._inputs import Inputs
from ostinato.runtime._layers import Precision
from ostinato.runtime._linear import Floats, Linear, Shapes
from ostinato.runtime._recurrent import recurrent_layers, recurrent_shapes
from ostinato.runtime._stepper import State

_CONDITION = "condition_encoder."


class ConditionalNetwork:
    """Input and condition → recurrent layers → a linear layer.

    The condition is a vector c, of a class or tanh(W x + b) of numbers; it is joined to the input of every
    step, and the layers begin in the state tanh(W c + b).

    Args:
        inputs: what a step is.
        classes: how many there are to choose from; None: conditions are numbers.
        condition: how many classes or numbers.
        outputs: K, numbers per step.
        parameters: as the model was saved with.
    """

    def __init__(
        self,
        inputs: Inputs,
        condition: int,
        outputs: int,
        parameters: Mapping[str, Any],
        *,
        is_class: bool,
    ) -> None:
        self._inputs, self._condition, self._outputs = inputs, condition, outputs
        self._parameters, self._is_class = parameters, is_class
        self._states = 2 if parameters["cell"] == "lstm" else 1

    def shapes(self) -> Shapes:
        """Of the weights, by name."""
        p = self._parameters
        C, H, L = p["condition_size"], p["hidden_size"], p["num_layers"]
        condition: Shapes = (
            {f"{_CONDITION}weight": (self._condition, C)}
            if self._is_class
            else Linear.shapes(f"{_CONDITION}0.", self._condition, C)
        )
        return {
            **self._inputs.shapes(),
            **condition,
            **Linear.shapes("initial_state.", C, self._states * L * H),
            **recurrent_shapes(self._inputs.features + C, p),
            **Linear.shapes("decoder.", H, self._outputs),
        }

    def load(self, weights: Mapping[str, Floats], precision: Precision) -> None:
        """Take the weights, which have these shapes."""
        self._inputs.load(weights)
        if self._is_class:
            self._classes = weights[f"{_CONDITION}weight"]
        else:
            self._numbers = Linear(weights, f"{_CONDITION}0.")
        self._initial_state = Linear(weights, "initial_state.")
        self._layers = recurrent_layers(weights, self._parameters, precision)
        self._decoder = Linear(weights, "decoder.")

    def condition(self, given: NDArray[Any]) -> Floats:
        """C (n, C) of classes (n,) int64 or of numbers (n, D)."""
        return self._classes[given] if self._is_class else np.tanh(self._numbers(given))

    def start(self, c: Floats) -> State:
        """The state that sequences begin in: (h,) or (h, c), each (L, n, H)."""
        L, H = self._parameters["num_layers"], self._parameters["hidden_size"]
        states = np.tanh(self._initial_state(c)).reshape(len(c), self._states, L, H)
        return tuple(np.ascontiguousarray(s.swapaxes(0, 1)) for s in states.swapaxes(0, 1))

    def step(self, x: NDArray[Any], c: Floats, state: State) -> tuple[Floats, State]:
        """Read a step x (n, …) of each sequence: outputs (n, K) for the next one, and the state."""
        y, state = self._layers.step(np.concatenate([self._inputs.vectors(x), c], -1), state)
        return self._decoder(y), state

    def onwards(
        self, x: NDArray[Any], lengths: NDArray[np.int64] | None, c: Floats, state: State
    ) -> tuple[Floats, State]:
        """Read several, (T, n, …), of each row as many as `lengths` says: to the bit as by `step`."""
        vectors = self._inputs.vectors(x)
        joined = np.concatenate([vectors, np.broadcast_to(c, (len(x), *c.shape))], -1)
        _, state = self._layers.run(joined, lengths, state)
        return self._decoder(state[0][-1]), state
