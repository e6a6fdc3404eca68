"""What the weights of a network's recurrent layers begin with."""

import torch
from torch import Tensor, nn


@torch.no_grad()
def initialise_recurrent(layers: nn.RNNBase, fan_in: int) -> None:
    """Orthogonal recurrences (Saxe 2014), and input weights large enough to tell inputs apart at once.

    Nor does an LSTM's forget gate get the customary bias of 1, with which it learns text far more slowly
    (docs/explanation/lab-notes.md).

    Args:
        layers: whose weights are drawn, from torch's random numbers.
        fan_in: as for `spread_inputs`.
    """
    for name, parameter in layers.named_parameters():
        if name.startswith("weight_hh"):
            for block in parameter.chunk(len(parameter) // layers.hidden_size):
                nn.init.orthogonal_(block)
        elif name.startswith("weight_ih_l0"):
            spread_inputs(parameter, fan_in)


@torch.no_grad()
def spread_inputs(weight: Tensor, fan_in: int) -> None:
    """Draw input weights with which an input adds to a gate about 0.8 (a standard deviation) at any size.

    torch's own shrink with H, the number of hidden units.

    Args:
        weight: (·, I).
        fan_in: how many of the I numbers are not zero, their standard deviation being about 1: 1 for one-hot
            vectors, I for others.
    """
    nn.init.normal_(weight, std=0.8 / fan_in**0.5)
