"""Video frames as vectors: the twin of `ostinato.nn.FrameEncoder`, without torch."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ostinato.runtime._linear import Floats, Linear, Shapes

FRAME_FEATURES = 64

_CHANNELS = (16, 32, 64)
_GRID = 2
_EPSILON = 1e-5
_AT_A_TIME = 64  # frames, whose windows are in memory together


class FrameEncoder:
    """Three 3×3 convolutions of stride 2 with ReLU, the mean of each quarter, a linear layer, a layer norm.

    Args:
        element: (height, width, channels) of a frame.
    """

    def __init__(self, element: tuple[int, ...]) -> None:
        self.element = element

    def shapes(self, prefix: str) -> Shapes:
        """Of the weights, by name."""
        shapes: Shapes = {}
        for index, (before, after) in enumerate(zip((self.element[2], *_CHANNELS), _CHANNELS, strict=False)):
            shapes[f"{prefix}convolutions.{2 * index}.weight"] = (after, before, 3, 3)
            shapes[f"{prefix}convolutions.{2 * index}.bias"] = (after,)
        features = {f"{prefix}norm.weight": (FRAME_FEATURES,), f"{prefix}norm.bias": (FRAME_FEATURES,)}
        flat = _CHANNELS[-1] * _GRID**2
        return {**shapes, **Linear.shapes(f"{prefix}linear.", flat, FRAME_FEATURES), **features}

    def load(self, weights: Mapping[str, Floats], prefix: str) -> None:
        """Take the weights."""
        names = [f"{prefix}convolutions.{2 * index}." for index in range(len(_CHANNELS))]
        # (before, 3, 3) of a window in a row, for one product per frame.
        self._kernels = [
            weights[f"{name}weight"].reshape(after, -1).T
            for name, after in zip(names, _CHANNELS, strict=True)
        ]
        self._biases = [weights[f"{name}bias"] for name in names]
        self._linear = Linear(weights, f"{prefix}linear.")
        self._scale, self._shift = weights[f"{prefix}norm.weight"], weights[f"{prefix}norm.bias"]

    def __call__(self, frames: NDArray[Any]) -> Floats:
        """(…, height, width, channels) uint8 to (…, F)."""
        flat = frames.reshape(-1, *self.element)
        vectors = [self._encode(flat[i : i + _AT_A_TIME]) for i in range(0, len(flat), _AT_A_TIME)]
        return np.concatenate(vectors).reshape(*frames.shape[:-3], FRAME_FEATURES)

    def _encode(self, frames: NDArray[Any]) -> Floats:
        images = standardised(frames)
        for kernel, bias in zip(self._kernels, self._biases, strict=True):
            images = _convolved(images, kernel, bias)
        y = self._linear(_quarters(images))
        centred = y - y.mean(-1, keepdims=True)
        deviation = np.sqrt(np.square(centred).mean(-1, keepdims=True) + np.float32(_EPSILON))
        vectors: Floats = centred / deviation * self._scale + self._shift
        return vectors


def standardised(frames: NDArray[Any]) -> Floats:
    """Bytes as numbers with a mean near 0 and a standard deviation near 1, as pictures usually are."""
    return (frames.astype(np.float32) - np.float32(127.5)) / np.float32(64)


def _convolved(images: Floats, kernel: Floats, bias: Floats) -> Floats:
    """(N, height, width, channels) to (N, ⌈height / 2⌉, ⌈width / 2⌉, channels'), after ReLU."""
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)))
    windows = sliding_window_view(padded, (3, 3), axis=(1, 2))[:, ::2, ::2]  # (N, h, w, channels, 3, 3)
    N, h, w = windows.shape[:3]
    # A product for each frame by itself: its bits do not depend on the others.
    products = np.matmul(windows.reshape(N, h * w, -1), kernel)
    convolved: Floats = np.maximum(products + bias, 0).reshape(N, h, w, -1)
    return convolved


def _quarters(images: Floats) -> Floats:
    """(N, h, w, channels) to (N, channels · 4): the mean of each quarter, as adaptive pooling parts them."""
    N, h, w, channels = images.shape
    parts = [
        images[:, i * h // _GRID : -(-(i + 1) * h // _GRID), j * w // _GRID : -(-(j + 1) * w // _GRID)]
        for i in range(_GRID)
        for j in range(_GRID)
    ]
    means = np.stack([part.reshape(N, -1, channels).mean(1) for part in parts], -1)
    return means.reshape(N, channels * _GRID**2)
