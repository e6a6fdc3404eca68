"""The network of a translator, as `ostinato.nn.EncoderDecoder` computes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ostinato.runtime._attention import OFFSETS, Attention, Pointer
from ostinato.runtime._layers import Precision
from ostinato.runtime._linear import Floats, Linear, Shapes
from ostinato.runtime._recurrent import Layers, recurrent_layers, recurrent_shapes

_LEAST = 1e-12  # probability

Ids = NDArray[np.int64]


@dataclass(frozen=True)
class DecoderState:
    """What a decoder goes on from.

    Attributes:
        layers: (h,) or (h, c), each (L, B, H).
        written: (3, B), what was read before the last token; -1 where nothing was.
    """

    layers: tuple[Floats, ...]
    written: Ids

    def take(self, rows: Ids) -> "DecoderState":
        """Some of the rows, each as often as it is named."""
        return DecoderState(tuple(s[:, rows] for s in self.layers), self.written[:, rows])

    def layer(self, number: int) -> tuple[Floats, ...]:
        """(h,) or (h, c) of one layer, each (1, B, H)."""
        return tuple(s[number : number + 1] for s in self.layers)


@dataclass(frozen=True)
class Memory:
    """What an encoder keeps of B sources.

    Attributes:
        outputs: (S, B, M), at each step of the sources; zero past a source's length.
        keys: (S, B, Q) of the attention, and of the pointer; none without attention.
        read: (S, B), ids of the target where such were read, else negative.
        real: (S, B), which steps there are.
        summary: (B, M), where reading ended in each direction.
        state: what the decoder begins in.
    """

    outputs: Floats
    keys: tuple[Floats, ...]
    read: Ids
    real: NDArray[np.bool_]
    summary: Floats
    state: DecoderState

    def take(self, rows: Ids) -> "Memory":
        """Some of the sources, each as often as it is named."""
        return Memory(
            self.outputs[:, rows],
            tuple(keys[:, rows] for keys in self.keys),
            self.read[:, rows],
            self.real[:, rows],
            self.summary[rows],
            self.state.take(rows),
        )


class EncoderDecoder:
    """A bidirectional encoder, and a decoder that attends to what it read and copies of it.

    Args:
        source_ids: ids that only a source has, the first ones.
        target_ids: K, ids that come next, of a target.
        marks: ids that come last, of a source alone.
        parameters: "embedding_size", "cell", "hidden_size", "num_layers" and "attention".
    """

    def __init__(self, source_ids: int, target_ids: int, marks: int, parameters: Mapping[str, Any]) -> None:
        self.source_ids, self.target_ids, self.marks = source_ids, target_ids, marks
        self.parameters = parameters

    def shapes(self) -> Shapes:
        """Of the weights, by name."""
        names = ("embedding_size", "hidden_size", "num_layers")
        E, H, L = (self.parameters[name] for name in names)
        M = 2 * H
        shapes: Shapes = {
            "embedding.weight": (self.source_ids + self.target_ids + self.marks, E),
            **Linear.shapes("initial_state.", M, (1 + (self.parameters["cell"] == "lstm")) * L * H),
            **Linear.shapes("combine.", H + M, E),
            "bias": (self.target_ids,),
        }
        for layer in range(L):
            shapes |= recurrent_shapes(
                M if layer else E, self._layer(bidirectional=True), f"encoder.{layer}."
            )
            shapes |= recurrent_shapes(H + M if layer else E, self._layer(), f"decoder.{layer}.")
        if self.parameters["attention"]:
            shapes |= Attention.shapes(H, M) | Pointer.shapes(H, M)
        return shapes

    def load(self, weights: Mapping[str, Floats], precision: Precision) -> None:
        """Take weights of these shapes."""
        self.encoder, self.decoder = (
            [
                recurrent_layers(weights, self.parameters, precision, f"{side}.{layer}.")
                for layer in range(self.parameters["num_layers"])
            ]
            for side in ("encoder", "decoder")
        )
        embedding = weights["embedding.weight"]
        self.table = embedding * np.float32(embedding.shape[1] ** 0.5)
        self.written = embedding[self.source_ids : self.source_ids + self.target_ids]
        self.initial_state, self.combine = (
            Linear(weights, prefix) for prefix in ("initial_state.", "combine.")
        )
        self.bias = weights["bias"]
        attends = self.parameters["attention"]
        self.attention = Attention(weights) if attends else None
        self.pointer = Pointer(weights) if attends else None

    @property
    def features(self) -> int:
        """Numbers that are kept of a token of a source."""
        return int(self.combine.weight.shape[1])

    def take(self, kept: Memory | DecoderState, rows: Ids) -> Memory | DecoderState:
        """Some rows of either, each as often as it is named."""
        return kept.take(rows)

    def encode(self, source: Ids, lengths: Ids) -> Memory:
        """Read sources (S, B), of lengths (B,) from 1 to S."""
        y, state = self.encoder[0].run(source, lengths, embedding=self.table)
        for layer in self.encoder[1:]:
            z, state = layer.run(y, lengths)
            y = y + z
        summary = np.concatenate([*state[0]], axis=-1)
        real = np.arange(len(source))[:, None] < lengths
        # What comes after a mark is what comes after the beginning.
        read = np.where(real, source - self.source_ids, -1).clip(None, self.target_ids - 1)
        nothing = np.full((OFFSETS - 1, len(lengths)), -1)
        asked = [each for each in (self.attention, self.pointer) if each is not None]
        keys = tuple(each.keys(y) for each in asked)
        return Memory(y, keys, read, real, summary, DecoderState(self._begin(summary), nothing))

    def decode(
        self, memory: Memory, ids: Ids, state: DecoderState | None = None
    ) -> tuple[Floats, DecoderState, Floats | None]:
        """Read the next steps of targets, and tell of each how likely all is that may come after it.

        Args:
            memory: of the sources.
            ids: (T, B).
            state: what the call before returned; None: the memory's, to begin with.

        Returns:
            Log-probabilities (T, B, K); the state after the last step; and the weight of each step of the
            source, (T, B, S), None without attention.
        """
        state = state or memory.state
        finals = []
        h, final = _onwards(self.decoder[0], self.table[ids + self.source_ids], state.layer(0))
        finals.append(final)
        c, weights = self._context(memory, h)
        y = np.concatenate([h, c], axis=-1)
        for number, layer in enumerate(self.decoder[1:], start=1):
            z, final = _onwards(layer, y, state.layer(number))
            finals.append(final)
            h = h + z
            y = np.concatenate([h, c], axis=-1)
        layers = tuple(np.concatenate(states) for states in zip(*finals, strict=True))
        written = np.concatenate([state.written, ids])
        log_probs = self._log_probs(memory, y, h, c, written)
        return log_probs, DecoderState(layers, written[len(ids) :]), weights

    def _log_probs(self, memory: Memory, y: Floats, h: Floats, c: Floats, written: Ids) -> Floats:
        """(T, B, K)."""
        scores = np.tanh(self.combine(y)) @ self.written.T + self.bias
        scores -= scores.max(-1, keepdims=True)
        if self.pointer is None:
            return np.asarray(scores - np.log(np.exp(scores).sum(-1, keepdims=True)), np.float32)
        real = (memory.read >= 0) & (memory.read < self.target_ids - 1)
        copies = self.pointer(h, c, memory.keys[1], written, memory.read, real)
        probs = np.exp(scores)
        probs *= (1 - copies.sum(-1, keepdims=True)) / probs.sum(-1, keepdims=True)
        T, B, _ = copies.shape
        steps, rows = np.arange(T)[:, None, None], np.arange(B)[:, None]
        np.add.at(probs, (steps, rows, memory.read.clip(0).T), copies)
        return np.asarray(np.log(np.maximum(probs, np.float32(_LEAST))), np.float32)

    def _context(self, memory: Memory, h: Floats) -> tuple[Floats, Floats | None]:
        if self.attention is None:
            return np.broadcast_to(memory.summary, (len(h), *memory.summary.shape)), None
        return self.attention(h, memory.keys[0], memory.outputs, memory.real)

    def _begin(self, summary: Floats) -> tuple[Floats, ...]:
        """tanh(W summary + b) for each layer: (h,) or (h, c), each (L, B, H)."""
        L, H = self.parameters["num_layers"], self.parameters["hidden_size"]
        states = np.tanh(self.initial_state(summary)).reshape(len(summary), -1, L, H)
        return tuple(np.ascontiguousarray(states.transpose(1, 2, 0, 3)))

    def _layer(self, *, bidirectional: bool = False) -> dict[str, Any]:
        """The parameters of one of the layers, which are all by themselves."""
        return {**self.parameters, "num_layers": 1, "bidirectional": bidirectional}


def _onwards(layer: Layers, x: Floats, state: tuple[Floats, ...]) -> tuple[Floats, tuple[Floats, ...]]:
    """The next steps (T, B, I) of a layer. A search takes them one by one: `run` would pack weights anew."""
    if len(x) > 1:
        return layer.run(x, None, state)
    y, state = layer.step(x[0], state)
    return y[np.newaxis], state
