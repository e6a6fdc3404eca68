"""A model of whatever task from its directory."""

from importlib import import_module
from pathlib import Path
from typing import Any

from ostinato._errors import InputError
from ostinato.data import ModelDirectory

# task → where its class is; loaded when first needed.
TASKS = {
    "lm": ("_language_model", "LanguageModel"),
    "classify": ("_classifier", "Classifier"),
    "regress": ("_regressor", "Regressor"),
    "tag": ("_tagger", "Tagger"),
    "generate": ("_generator", "Generator"),
    "translate": ("_translator", "Translator"),
    "forecast": ("_forecaster", "Forecaster"),
}


def load_model(directory: Path, device: str = "cpu") -> Any:
    """The estimator that was saved in a directory, of the class that its config.json says.

    Raises:
        InputError: it is no model directory, damaged, or of a task that this Ostinato does not know.
    """
    task = ModelDirectory(directory).config.get("task")
    if not isinstance(task, str) or task not in TASKS:
        raise InputError(
            f"{directory / 'config.json'} is of a model for {task!r}; this Ostinato knows {', '.join(TASKS)}"
        )
    module, name = TASKS[task]
    return getattr(import_module(f"ostinato.tasks.{module}"), name).load(directory, device=device)
