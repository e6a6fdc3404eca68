"""What a network reads at each step, as vectors: the twin of `ostinato.nn`'s inputs, without torch."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ostinato.data import IdEncoder, InputEncoder, VectorEncoder
from ostinato.runtime._frame_encoder import FRAME_FEATURES, FrameEncoder, standardised
from ostinato.runtime._linear import Floats, Shapes

_PREFIX = "encoder."


class Inputs(ABC):
    """Steps of one kind.

    Attributes:
        features: I, the size of a step's vector.
        embedding: (V, I) of tokens that are embedded; None where there is none.
    """

    features: int
    embedding: Floats | None = None

    @abstractmethod
    def shapes(self) -> Shapes:
        """Of the weights, by name."""

    def load(self, weights: Mapping[str, Floats]) -> None:  # noqa: B027 (most have none)
        """Take the weights."""

    @abstractmethod
    def vectors(self, x: NDArray[Any]) -> Floats:
        """(…, I) of steps (…) or (…, D): each row's bits do not depend on the others."""

    def layer_input(self, x: NDArray[Any]) -> NDArray[Any]:
        """What a layer that runs over (T, B, …) is given: ids by themselves, or vectors."""
        return self.vectors(x)


class TokenInputs(Inputs):
    """Token ids, embedded or one-hot."""

    def __init__(self, vocabulary: int, embedding_size: int | None) -> None:
        self.vocabulary = vocabulary
        self.features = embedding_size or vocabulary
        self._embedded = embedding_size is not None

    def shapes(self) -> Shapes:
        """The embedding's."""
        return {f"{_PREFIX}weight": (self.vocabulary, self.features)} if self._embedded else {}

    def load(self, weights: Mapping[str, Floats]) -> None:
        """Take the embedding."""
        if self._embedded:
            self.embedding = weights[f"{_PREFIX}weight"]

    def vectors(self, x: NDArray[Any]) -> Floats:
        """Rows of the embedding, or 1 at the id and 0 elsewhere."""
        if self.embedding is not None:
            return np.take(self.embedding, x, axis=0)
        vectors = np.zeros((*x.shape, self.vocabulary), np.float32)
        np.put_along_axis(vectors, x[..., None], 1, -1)
        return vectors

    def layer_input(self, x: NDArray[Any]) -> NDArray[np.int64]:
        """The ids: a layer looks up what it needs."""
        return x.astype(np.int64, copy=False)


class VectorInputs(Inputs):
    """Vectors, as they are."""

    def __init__(self, size: int) -> None:
        self.features = size

    def shapes(self) -> Shapes:
        """There are none."""
        return {}

    def vectors(self, x: NDArray[Any]) -> Floats:
        """The same."""
        return x


class FrameInputs(Inputs):
    """Video frames, through a small convolutional network or as all their pixels."""

    def __init__(self, element: tuple[int, ...], how: str) -> None:
        self._encoder = FrameEncoder(element) if how == "convolution" else None
        self.features = int(np.prod(element)) if self._encoder is None else FRAME_FEATURES

    def shapes(self) -> Shapes:
        """The convolutional network's."""
        return {} if self._encoder is None else self._encoder.shapes(_PREFIX)

    def load(self, weights: Mapping[str, Floats]) -> None:
        """Take the convolutional network's."""
        if self._encoder is not None:
            self._encoder.load(weights, _PREFIX)

    def vectors(self, x: NDArray[Any]) -> Floats:
        """Of frames (…, height, width, channels)."""
        if self._encoder is None:
            return standardised(x).reshape(*x.shape[:-3], -1)
        return self._encoder(x)


def token_inputs(parameters: Mapping[str, Any], vocabulary: int) -> TokenInputs:
    """Ids as "input" and "embedding_size" say."""
    embedded = parameters["input"] == "embedding"
    return TokenInputs(vocabulary, parameters["embedding_size"] if embedded else None)


def inputs_of(encoder: InputEncoder, parameters: Mapping[str, Any]) -> Inputs:
    """What a network reads of the steps of an encoder."""
    if isinstance(encoder, IdEncoder):
        return token_inputs(parameters, encoder.size)
    if len(encoder.element) == 3:
        return FrameInputs(encoder.element, parameters["frames"])
    size = encoder.element[0]
    if isinstance(encoder, VectorEncoder) and encoder.stride is not None:
        return VectorInputs(4 * encoder.stride.steps * size)
    return VectorInputs(size)
