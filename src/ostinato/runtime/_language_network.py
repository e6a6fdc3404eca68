"""The network of a language model: the twin of `ostinato.nn.LanguageNetwork`, without torch."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ostinato.runtime._inputs import token_inputs
from ostinato.runtime._layers import Precision
from ostinato.runtime._linear import Floats, Linear, Shapes
from ostinato.runtime._recurrent import recurrent_layers, recurrent_shapes
from ostinato.runtime._stepper import State


class LanguageNetwork:
    """Embedding (or one-hot) → recurrent layers → a linear layer over the vocabulary.

    Args:
        vocabulary: V, the number of tokens.
        parameters: as the model was saved with.
    """

    def __init__(self, vocabulary: int, parameters: Mapping[str, Any]) -> None:
        self._vocabulary, self._parameters = vocabulary, parameters
        self._inputs = token_inputs(parameters, vocabulary)

    def shapes(self) -> Shapes:
        """Of the weights, by name."""
        return {
            **self._inputs.shapes(),
            **recurrent_shapes(self._inputs.features, self._parameters),
            **Linear.shapes("decoder.", self._parameters["hidden_size"], self._vocabulary),
        }

    def load(self, weights: Mapping[str, Floats], precision: Precision) -> None:
        """Take the weights, which have these shapes."""
        self._inputs.load(weights)
        self._layers = recurrent_layers(weights, self._parameters, precision)
        self._decoder = Linear(weights, "decoder.")

    def begin(self, n: int) -> State:
        """The state that n texts begin in."""
        return self._layers.initial_state(n)

    def step(self, ids: NDArray[np.int64], state: State) -> tuple[Floats, State]:
        """Read a token of each text, (n,): the logits (n, V) of the one after it, and the state."""
        y, state = self._layers.step(self._inputs.vectors(ids), state)
        return self._decoder(y), state

    def onwards(
        self, ids: NDArray[np.int64], lengths: NDArray[np.int64] | None, state: State
    ) -> tuple[Floats, State]:
        """Read several, (T, n), of each text as many as `lengths` says: to the bit as by `step`."""
        embedding = self._inputs.embedding
        _, state = self._layers.run(ids, lengths, state, embedding=embedding)
        return self._decoder(state[0][-1]), state

    def next_logits(self, ids: NDArray[np.int64], state: State) -> tuple[Floats, State]:
        """Read the next tokens (T,) of one text, as `ostinato.data.write` asks: logits (V,) and the state."""
        state = state or self.begin(1)
        if len(ids) == 1:
            logits, state = self.step(ids, state)
        else:
            logits, state = self.onwards(ids[:, None], None, state)
        return logits[0], state
