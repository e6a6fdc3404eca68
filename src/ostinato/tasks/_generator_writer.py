"""A generator's network as `ostinato.data.write_sequences` asks for it."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ostinato.nn import ConditionalNetwork
from ostinato.training import State


class NetworkWriter:
    """A network in evaluation mode, wherever that is."""

    def __init__(self, network: ConditionalNetwork) -> None:
        self.network = network.eval()

    @torch.no_grad()
    def start(self, conditions: NDArray[Any]) -> State:
        """The state that sequences begin in."""
        return self.network.start(self._there(conditions))

    @torch.no_grad()
    def step(
        self, x: NDArray[Any], conditions: NDArray[Any], state: State
    ) -> tuple[NDArray[np.float32], State]:
        """Outputs (B, K) after one more step, and the state."""
        outputs, state = self.network(self._there(x)[None], self._there(conditions), state=state)
        return outputs[0].cpu().numpy(), state

    def keep(self, state: State, rows: NDArray[np.int64]) -> State:
        """The state of these rows only."""
        return tuple(s[:, torch.from_numpy(rows).to(s.device)] for s in state)

    def _there(self, array: NDArray[Any]) -> Tensor:
        # A copy: torch warns of an array that cannot be written to.
        return torch.from_numpy(np.array(array)).to(self.network.decoder.weight.device)
