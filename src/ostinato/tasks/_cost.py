"""What a run took, as `metrics.json` has it."""

import platform
from typing import Any

import numpy as np
import torch
from torch import nn

from ostinato import __version__
from ostinato.training import Outcome


def cost(network: nn.Module, outcome: Outcome) -> dict[str, Any]:
    """How the run ended, its steps, seconds and speed, the network's size, the threads and the versions."""
    return {
        "parameters": sum(p.numel() for p in network.parameters()),
        "ended": outcome.ended,
        "steps": outcome.steps,
        "best_step": outcome.best_step,
        "seconds": round(outcome.seconds, 2),
        "tokens_per_second": round(outcome.tokens_per_second, 1),
        "threads": torch.get_num_threads(),
        "versions": {
            "ostinato": __version__,
            "python": platform.python_version(),
            "torch": torch.__version__,
            "numpy": np.__version__,
        },
    }
