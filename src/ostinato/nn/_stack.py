"""What all networks do with their recurrent layers: build them, run them, count what they make."""

from torch import Tensor, nn

from ostinato.nn._equations import State
from ostinato.nn._layers_by_cell import LAYERS
from ostinato.nn._lengths import Lengths


def build_stack(
    cell: str,
    input_size: int,
    hidden_size: int,
    num_layers: int,
    *,
    dropout: float,
    bidirectional: bool = False,
) -> nn.RNNBase:
    """The layers of a cell, with dropout between them."""
    between = dropout if num_layers > 1 else 0.0  # torch warns where there is nothing between
    return LAYERS[cell](input_size, hidden_size, num_layers, dropout=between, bidirectional=bidirectional)


def run_stack(
    layers: nn.RNNBase,
    x: Tensor,
    state: State = (),
    *,
    lengths: Lengths | None = None,
    embedding: Tensor | None = None,
) -> tuple[Tensor, State]:
    """The layers' output and final state, the state of every cell being a tuple: (h,) or (h, c).

    Args:
        layers: what `build_stack` built.
        x: (T, B, I) vectors or (T, B) ids.
        state: what an earlier call returned, or () for zeros.
        lengths: (B,), default all T.
        embedding: (V, I), of ids that are not one-hot.
    """
    initial = None if not state else state if len(state) == 2 else state[0]
    y, final = layers(x, initial, lengths=lengths, embedding=embedding)
    return y, final if isinstance(final, tuple) else (final,)


def numbers_per_step(layers: nn.RNNBase) -> int:
    """How many numbers a step makes: its input, and each layer's gates and output in each direction."""
    gates = len(layers.all_weights[0][1])
    directions = 2 if layers.bidirectional else 1
    return layers.input_size + layers.num_layers * directions * (gates + layers.hidden_size)
