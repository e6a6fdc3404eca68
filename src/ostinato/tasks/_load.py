"""A model of whatever task from its directory."""

from pathlib import Path
from typing import Any

from ostinato.data import ModelDirectory, class_of


def load_model(directory: Path, device: str = "cpu") -> Any:
    """The estimator that was saved in a directory, of the class that its config.json says.

    Raises:
        InputError: it is no model directory, damaged, or of a task that this Ostinato does not know.
    """
    estimator = class_of(ModelDirectory(directory), "ostinato.tasks", does="knows")
    return estimator.load(directory, device=device)
