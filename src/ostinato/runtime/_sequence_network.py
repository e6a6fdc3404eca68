"""The network of a classifier, a regressor or a tagger: the twin of `ostinato.nn.SequenceNetwork`."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError
from ostinato.data import InputEncoder, Stride, VectorEncoder
from ostinato.runtime._inputs import inputs_of
from ostinato.runtime._layers import Precision
from ostinato.runtime._linear import Floats, Linear, Shapes
from ostinato.runtime._pooling import POOLINGS, Pooling, pool
from ostinato.runtime._recurrent import recurrent_layers, recurrent_shapes
from ostinato.runtime._stepper import State
from ostinato.runtime._windows import windows


class SequenceNetwork:
    """Input → recurrent layers → pooling over time, if any → a linear layer.

    It is made without weights, so that the file of weights can be compared with what it should hold.

    Args:
        encoder: of its inputs.
        parameters: as the model was saved with; without "pooling" there are scores at each step.
        outputs: K, numbers per sequence with pooling, per step without.
    """

    def __init__(self, encoder: InputEncoder, parameters: Mapping[str, Any], outputs: int) -> None:
        self._parameters, self._outputs = parameters, outputs
        self._inputs = inputs_of(encoder, parameters)
        self._stride: Stride | None = encoder.stride if isinstance(encoder, VectorEncoder) else None
        self.bidirectional: bool = parameters["bidirectional"]
        self._features: int = parameters["hidden_size"] * (2 if self.bidirectional else 1)
        how = parameters.get("pooling")
        self.pooling: Pooling | None = None if how is None else POOLINGS[how](self._features)

    def shapes(self) -> Shapes:
        """Of the weights, by name."""
        shapes = {**self._inputs.shapes(), **recurrent_shapes(self._inputs.features, self._parameters)}
        if self.pooling is not None:
            shapes |= self.pooling.shapes()
        features = self._features if self.pooling is None else self.pooling.out_features
        return {**shapes, **Linear.shapes("decoder.", features, self._outputs)}

    def load(self, weights: Mapping[str, Floats], precision: Precision) -> None:
        """Take the weights, which have these shapes."""
        self._inputs.load(weights)
        self._layers = recurrent_layers(weights, self._parameters, precision)
        if self.pooling is not None:
            self.pooling.load(weights)
        self._decoder = Linear(weights, "decoder.")

    @property
    def numbers_per_step(self) -> int:
        """About how many numbers reading a step makes."""
        layers = int(self._parameters["num_layers"])
        return self._inputs.features + layers * 6 * self._features + self._outputs

    @property
    def looks_ahead(self) -> bool:
        """Whether what is said of a step depends on later ones."""
        return self.bidirectional or self._stride is not None

    def whole(self, x: NDArray[Any], lengths: NDArray[np.int64]) -> Floats:
        """Read whole sequences.

        Args:
            x: (T, B, …).
            lengths: (B,) 1 to T.

        Returns:
            Logits, (B, K) with pooling; without, (T, B, K), those past a row's length without meaning.
        """
        if self._stride is not None:
            x, lengths = windows(x, lengths, self._stride)
        y, _ = self._run(x, lengths, None)
        if self.pooling is None:
            return self._decoder(y)
        state = pool(self.pooling, y, lengths, self.pooling.begin(y.shape[1]))
        return self._decoder(self.pooling.vector(self._last(y, lengths), state))

    def begin(self, n: int) -> State:
        """The state that n sequences begin in, that of the pooling at its end.

        Raises:
            InputError: the network needs the whole sequence.
        """
        if self.looks_ahead:
            raise InputError(
                "this model reads whole sequences, backwards too: for a stream train one with --causal "
                "(bidirectional=False)"
            )
        return *self._layers.initial_state(n), *(self.pooling.begin(n) if self.pooling else ())

    def step(self, x: NDArray[Any], state: State) -> tuple[Floats, State]:
        """Read one more step of each sequence, x (B, …): logits (B, K) as far as is known, and the state."""
        recurrent, pooled = self._parted(state)
        y, recurrent = self._layers.step(self._inputs.vectors(x), recurrent)
        if self.pooling is None:
            return self._decoder(y), recurrent
        pooled = self.pooling.add(y, np.ones((len(y), 1), bool), pooled)
        return self._decoder(self.pooling.vector(y, pooled)), (*recurrent, *pooled)

    def onwards(
        self, x: NDArray[Any], lengths: NDArray[np.int64] | None, state: State
    ) -> tuple[Floats, State]:
        """Read some more steps of sequences: to the bit what as many calls of `step` give.

        Args:
            x: (T, B, …).
            lengths: (B,) 0 to T; None: all of them.
            state: what came before.

        Returns:
            As `whole`, of each row as it is after its last step; and the state.
        """
        recurrent, pooled = self._parted(state)
        y, after = self._run(x, lengths, recurrent)
        if self.pooling is None:
            return self._decoder(y), after
        lengths = np.full(y.shape[1], len(y)) if lengths is None else lengths
        pooled = pool(self.pooling, y, lengths, pooled)
        return self._decoder(self.pooling.vector(after[0][-1], pooled)), (*after, *pooled)

    def _run(
        self, x: NDArray[Any], lengths: NDArray[np.int64] | None, state: State | None
    ) -> tuple[Floats, State]:
        steps = self._inputs.layer_input(x)
        return self._layers.run(steps, lengths, state, embedding=self._inputs.embedding)

    def _parted(self, state: State) -> tuple[State, State]:
        arrays = 2 if self._parameters["cell"] == "lstm" else 1
        return state[:arrays], state[arrays:]

    def _last(self, y: Floats, lengths: NDArray[np.int64]) -> Floats:
        """The final state: the forward half of the last real step, the backward half of the first."""
        forward = self._parameters["hidden_size"]
        return np.concatenate([y[lengths - 1, np.arange(y.shape[1]), :forward], y[0, :, forward:]], -1)
