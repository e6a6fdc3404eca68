"""Recurrent layers as ONNX's own operators, which have the gates in another order.

ONNX has them i o f c and z r h where PyTorch has i f g o and r z n; its GRU is ours with
linear_before_reset=1: the reset gate comes after the matrix product.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from ostinato.export._graph import BATCH, Graph

_GATES = {"LSTM": [0, 3, 1, 2], "GRU": [1, 0, 2], "RNN_TANH": [0], "RNN_RELU": [0]}


class Lengths(NamedTuple):
    """How many steps of each row are real, (B,)."""

    int64: str
    int32: str
    """As recurrent operators want it."""


def lengths_input(graph: Graph, least: int = 1) -> Lengths | None:
    """The input `lengths`; None where the graph reads a single step, which is always real."""
    if graph.step:
        return None
    what = f"how many steps of each row are real, from {least} to time; what comes after them is not read"
    lengths = graph.input("lengths", np.int64, [BATCH], what)
    return Lengths(lengths, graph("Cast", lengths, to=6))


def state_names(layers: nn.RNNBase) -> tuple[str, ...]:
    """The letters of what layers remember: h, or h and c."""
    return ("h", "c") if layers.mode == "LSTM" else ("h",)


def state_inputs(graph: Graph, layers: nn.RNNBase) -> list[str]:
    """The inputs h_0, and of an LSTM c_0: (L, B, H)."""
    shape = _state_shape(layers)
    what = "what the layers remember: zeros at the beginning, then {}_n of the call before"
    return [
        graph.input(f"{letter}_0", np.float32, shape, what.format(letter)) for letter in state_names(layers)
    ]


def state_outputs(graph: Graph, layers: nn.RNNBase, state: Sequence[str]) -> None:
    """The outputs h_n, and of an LSTM c_n: (L, B, H)."""
    shape = _state_shape(layers)
    for letter, value in zip(state_names(layers), state, strict=True):
        what = "what the layers remember of each row after its last step"
        graph.output(value, f"{letter}_n", np.float32, shape, what)


def _state_shape(layers: nn.RNNBase) -> list[int | str]:
    return [layers.num_layers, BATCH, layers.hidden_size]


def run_layers(
    graph: Graph, layers: nn.RNNBase, x: str, lengths: Lengths | None = None, state: Sequence[str] = ()
) -> tuple[str, list[str]]:
    """All layers, one on the other.

    Args:
        graph: that grows.
        layers: RNN, LSTM or GRU with biases.
        x: (T, B, I).
        lengths: of the rows; None: all T.
        state: (h,) or (h, c) to begin with, each (L·D, B, H); () for zeros.

    Returns:
        Outputs (T, B, D·H), zero past a row's length, and the state of each row after its last step, shaped
        as `state`.
    """
    L, finals = layers.num_layers, []
    initial = [[s] if L == 1 else graph.several(L, "Split", s, axis=0) for s in state]
    for layer in range(L):
        x, final = _run_layer(graph, layers, layer, x, lengths, [pieces[layer] for pieces in initial])
        finals.append(final)
    if L == 1:
        return x, finals[0]
    return x, [graph("Concat", *pieces, axis=0) for pieces in zip(*finals, strict=True)]


def _run_layer(
    graph: Graph, layers: nn.RNNBase, layer: int, x: str, lengths: Lengths | None, state: Sequence[str]
) -> tuple[str, list[str]]:
    mode, D = layers.mode, 2 if layers.bidirectional else 1
    operator = mode.partition("_")[0]
    attributes: dict[str, Any] = {
        "hidden_size": layers.hidden_size,
        "direction": "bidirectional" if D == 2 else "forward",
    }
    if mode == "GRU":
        attributes["linear_before_reset"] = 1
    if operator == "RNN":
        attributes["activations"] = [mode.partition("_")[2].capitalize()] * D
    weights = _weights(layers, layer)
    steps = None if lengths is None else lengths.int32
    y, *final = graph.several(
        1 + len(state_names(layers)), operator, x, *weights, steps, *state, **attributes
    )
    if D == 1:
        y = graph("Squeeze", y, graph.ints(1))
    else:
        y = graph("Reshape", graph("Transpose", y, perm=[0, 2, 1, 3]), graph.ints(0, 0, -1))
    if lengths is not None and state:
        # Where a row has no step at all, its state stays; onnxruntime would give zeros.
        none = graph("Equal", graph("Unsqueeze", lengths.int64, graph.ints(1)), graph.integer(0))
        final = [graph("Where", none, before, after) for before, after in zip(state, final, strict=True)]
    return y, final


def _weights(layers: nn.RNNBase, layer: int) -> list[NDArray[np.float32]]:
    """(D, G·H, I), (D, G·H, H) and (D, 2·G·H), the gates as ONNX has them."""
    D = 2 if layers.bidirectional else 1
    gates = _GATES[layers.mode]
    directions = [
        [_reordered(weight, gates) for weight in weights]
        for weights in layers.all_weights[layer * D : (layer + 1) * D]
    ]
    w_ih, w_hh, b_ih, b_hh = (np.stack(each) for each in zip(*directions, strict=True))
    return [w_ih, w_hh, np.concatenate([b_ih, b_hh], axis=1)]


def _reordered(weight: Tensor, gates: Sequence[int]) -> NDArray[np.float32]:
    blocks = np.split(array_of(weight), len(gates))
    return np.concatenate([blocks[gate] for gate in gates])


def array_of(weight: Tensor) -> NDArray[np.float32]:
    """A parameter's numbers."""
    array: NDArray[np.float32] = weight.detach().cpu().float().numpy()
    return array


def linear(graph: Graph, layer: nn.Linear, x: str) -> str:
    """W x + b over the last dimension."""
    y = graph("MatMul", x, np.ascontiguousarray(array_of(layer.weight).T))
    return y if layer.bias is None else graph("Add", y, array_of(layer.bias))


def last_state(graph: Graph, layers: nn.RNNBase, h: str) -> str:
    """(B, D·H) of a final state (L·D, B, H): what the last layer ended with in each direction."""
    D = 2 if layers.bidirectional else 1
    if layers.num_layers > 1:
        h = graph("Slice", h, graph.ints(-D), graph.ints(np.iinfo(np.int64).max), graph.ints(0))
    if D == 1:
        return graph("Squeeze", h, graph.ints(0))
    return graph("Reshape", graph("Transpose", h, perm=[1, 0, 2]), graph.ints(0, -1))


def initial_states(graph: Graph, numbers: str, count: int, L: int, H: int) -> list[str]:
    """States that layers begin with, (L, B, H) each, of (B, count · L · H): the tanh of these."""
    parts = graph("Reshape", graph("Tanh", numbers), graph.ints(0, count, L, H))
    parts = graph("Transpose", parts, perm=[1, 2, 0, 3])
    each = graph.several(count, "Split", parts, axis=0) if count > 1 else [parts]
    return [graph("Squeeze", part, graph.ints(0)) for part in each]
