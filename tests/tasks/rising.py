"""Sequences that rise or fall, of 3 to 6 steps, as numbers and as texts; and small models of them."""

import os
import signal
from pathlib import Path

import numpy as np

from ostinato import Classifier, Regressor
from ostinato.training import Silent

rng = np.random.default_rng(0)
RISING = rng.random(40) < 0.5
NUMBERS = [
    np.cumsum(rng.uniform(0.5, 1, rng.integers(3, 7)) * (1 if rises else -1)).astype(np.float32)
    for rises in RISING
]
TEXTS = ["".join("abcdefghijklmno"[7 + int(x)] for x in numbers) for numbers in NUMBERS]
LABELS = ["up" if rises else "down" for rises in RISING]
SUMS = [float(numbers.sum()) for numbers in NUMBERS]
TINY = {
    "hidden_size": 4,
    "embedding_size": 3,
    "epochs": 2,
    "batch_size": 8,
    "learning_rate": 0.02,
    "threads": 1,
}
MODELS = {"classifier": (Classifier, LABELS), "regressor": (Regressor, SUMS)}


class StopAt(Silent):
    """Ctrl-C at a step."""

    def __init__(self, step: int) -> None:
        self.step = step

    def stepped(self, tokens: int, loss: float) -> None:
        self.step -= 1
        if self.step == 0:
            os.kill(os.getpid(), signal.SIGINT)


def weights(model) -> dict[str, list]:
    return {name: tensor.tolist() for name, tensor in model.network_.state_dict().items()}


def files(directory: Path) -> dict[str, bytes]:
    """What there is of a model that does not depend on the clock."""
    names = ("inputs.json", "targets.json", "model.safetensors", "baseline.safetensors")
    return {name: (directory / name).read_bytes() for name in names}
