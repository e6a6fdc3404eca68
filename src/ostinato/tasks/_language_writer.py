"""A language network as `ostinato.data.write` asks for it."""

import numpy as np
import torch
from numpy.typing import NDArray

from ostinato.data import Reader
from ostinato.nn import LanguageNetwork
from ostinato.training import State


def reader(network: LanguageNetwork) -> Reader:
    """What reads tokens with this network, in evaluation mode, wherever that is."""

    @torch.no_grad()
    def read(ids: NDArray[np.int64], state: State) -> tuple[NDArray[np.float32], State]:
        network.eval()
        device = network.decoder.weight.device
        y, state = network.read(torch.from_numpy(ids)[:, None].to(device), state)
        return network.decoder(y[-1, 0]).cpu().numpy(), state

    return read
