"""The recurrent layers of a saved network."""

from collections.abc import Mapping
from typing import Any

from ostinato.runtime._layers import GRU, LSTM, RNN, Precision
from ostinato.runtime._linear import Floats, Shapes

Layers = RNN | LSTM | GRU

_CELLS: dict[str, type[Layers]] = {"rnn": RNN, "lstm": LSTM, "gru": GRU}
_GATES = {"rnn": 1, "lstm": 4, "gru": 3}


def recurrent_shapes(inputs: int, parameters: Mapping[str, Any], prefix: str = "recurrent.") -> Shapes:
    """The shapes of the layers that read vectors of this size, by name; no memory is taken.

    Args:
        inputs: I.
        parameters: "cell", "hidden_size", "num_layers"; "bidirectional" where there is one.
        prefix: before each name, with its dot.
    """
    H, gates = parameters["hidden_size"], _GATES[parameters["cell"]] * parameters["hidden_size"]
    directions = ("", "_reverse") if parameters.get("bidirectional", False) else ("",)
    shapes: Shapes = {}
    for layer in range(parameters["num_layers"]):
        for direction in directions:
            end = f"_l{layer}{direction}"
            shapes[f"{prefix}weight_ih{end}"] = (gates, inputs)
            shapes[f"{prefix}weight_hh{end}"] = (gates, H)
            shapes[f"{prefix}bias_ih{end}"] = shapes[f"{prefix}bias_hh{end}"] = (gates,)
        inputs = len(directions) * H
    return shapes


def recurrent_layers(
    weights: Mapping[str, Floats],
    parameters: Mapping[str, Any],
    precision: Precision,
    prefix: str = "recurrent.",
) -> Layers:
    """The layers, of weights that have these shapes."""
    return _CELLS[parameters["cell"]](weights, prefix=prefix, precision=precision)
