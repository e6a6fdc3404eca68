"""A network's weights of a model directory, checked as a stranger's must be."""

import torch
from torch import nn

from ostinato.data import ModelDirectory, saved_weights


def load_weights(saved: ModelDirectory, network: nn.Module) -> None:
    """Give a network on torch's "meta" device its saved weights, as `saved_weights` checks them.

    Raises:
        InputError: the directory holds others, or numbers that are not finite.
    """
    shapes = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    arrays = saved_weights(saved, shapes)
    network.load_state_dict({name: torch.from_numpy(array) for name, array in arrays.items()}, assign=True)
    network.requires_grad_().eval()
