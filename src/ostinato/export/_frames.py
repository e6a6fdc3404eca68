"""Video frames as vectors."""

import math

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from ostinato.export._graph import BATCH, TIME, Graph
from ostinato.export._layers import array_of, linear
from ostinato.nn import FrameEncoder, FrameInput, SequenceNetwork


def frames_input(graph: Graph, network: SequenceNetwork, inputs: FrameInput) -> str:
    """The input `frames`, and the vectors (T, B, F) that a network makes of it."""
    height, width, channels = size = [inputs.height, inputs.width, inputs.channels]
    what = "pixels, 0 to 255; channels come last, red first"
    frames = graph.input("frames", np.uint8, [TIME, BATCH, *size], what)
    numbers = graph("Sub", graph("Cast", frames, to=1), graph.constant(127.5, np.float32))
    standardised = graph("Div", numbers, graph.constant(64, np.float32))
    encoder = network.encoder
    if not isinstance(encoder, FrameEncoder):
        return graph("Reshape", standardised, graph.ints(0, 0, height * width * channels))
    images = graph("Reshape", standardised, graph.ints(-1, *size))
    vectors = _encode(graph, encoder, graph("Transpose", images, perm=[0, 3, 1, 2]), height, width)
    leading = graph("Shape", frames, start=0, end=2)
    return graph(
        "Reshape", vectors, graph("Concat", leading, graph.ints(encoder.linear.out_features), axis=0)
    )


def _encode(graph: Graph, encoder: FrameEncoder, images: str, height: int, width: int) -> str:
    """(N, F) of images (N, channels, height, width)."""
    for module in encoder.convolutions:
        if isinstance(module, nn.Conv2d):
            last, weight = module, array_of(module.weight)
            images = graph("Conv", images, weight, _bias(module), strides=[2, 2], pads=[1, 1, 1, 1])
            height, width = (height + 1) // 2, (width + 1) // 2
        elif isinstance(module, nn.ReLU):
            images = graph("Relu", images)
    grid = math.isqrt(encoder.linear.in_features // last.out_channels)  # of the pooling between
    down, across = _means(height, grid), np.ascontiguousarray(_means(width, grid).T)
    means = graph("MatMul", graph("MatMul", down, images), across)
    vectors = linear(graph, encoder.linear, graph("Flatten", means, axis=1))
    norm = encoder.norm
    scale, shift = array_of(norm.weight), array_of(norm.bias)
    return graph("LayerNormalization", vectors, scale, shift, axis=-1, epsilon=norm.eps)


def _bias(module: nn.Conv2d) -> NDArray[np.float32]:
    bias: Tensor = module.bias  # type: ignore[assignment]  # ours have one
    return array_of(bias)


def _means(size: int, grid: int) -> NDArray[np.float32]:
    """(grid, size): a row's product with what is `size` long is the mean over one of `grid` parts of it."""
    means = np.zeros((grid, size), np.float32)
    for part in range(grid):
        begin, end = part * size // grid, -(-(part + 1) * size // grid)
        means[part, begin:end] = 1 / (end - begin)
    return means
