"""What every task reads of a model directory, checked as a stranger's must be."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError, one_line
from ostinato.data._model_directory import ModelDirectory, Shapes

Loaded = TypeVar("Loaded")


# task → the module and the class of its models, of these names in every room that has models of them.
_CLASSES = {
    "lm": ("_language_model", "LanguageModel"),
    "classify": ("_classifier", "Classifier"),
    "regress": ("_regressor", "Regressor"),
    "tag": ("_tagger", "Tagger"),
    "generate": ("_generator", "Generator"),
    "translate": ("_translator", "Translator"),
    "forecast": ("_forecaster", "Forecaster"),
}


def class_of(saved: ModelDirectory, room: str, *, does: str) -> Any:
    """The class of a room for a saved model's task; its module is imported only now.

    Args:
        saved: the model directory.
        room: the package whose class is wanted.
        does: what Ostinato does with models there, for the complaint.

    Raises:
        InputError: it is of a task that this Ostinato does not know.
    """
    task = saved.config.get("task")
    if not isinstance(task, str) or task not in _CLASSES:
        raise InputError(
            f"{saved.path / 'config.json'} is of a model for {task!r}; "
            f"this Ostinato {does} {', '.join(_CLASSES)}"
        )
    module, name = _CLASSES[task]
    return getattr(import_module(f"{room}.{module}"), name)


def opened(directory: Path, load: Callable[[ModelDirectory], Loaded]) -> Loaded:
    """What `load` makes of a model directory, again where another process put a new model there meanwhile.

    Raises:
        InputError: `load` did, of a directory that stayed the same.
    """
    saved = ModelDirectory(directory)
    try:
        return load(saved)
    except InputError:
        again = ModelDirectory(directory)
        if again.config == saved.config:
            raise
        return load(again)


def saved_parameters(saved: ModelDirectory, task: str, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """The saved parameters, or the defaults of those that a model was saved before; not checked one by one.

    Raises:
        InputError: the directory is of another task, or there is a parameter that it has not.
    """
    path, config = saved.path / "config.json", saved.config
    if config.get("task") != task:
        raise InputError(f"{path} is of a model for {config.get('task')!r}, not for {task!r}")
    parameters = config.get("parameters")
    if not isinstance(parameters, dict):
        raise InputError(f"{path}: `parameters` are not those of a model for {task!r}")
    if unknown := parameters.keys() - defaults.keys():
        raise InputError(f"{path}: `parameters` are not those of a model for {task!r}: {min(unknown)!r}")
    return {**defaults, **parameters, "device": "cpu"}


def saved_weights(saved: ModelDirectory, shapes: Shapes) -> dict[str, NDArray[np.float32]]:
    """The weights of a network whose tensors have these names and shapes.

    Memory for them is taken only once the file is known to hold just these.

    Raises:
        InputError: it holds others, or numbers that are not finite.
    """
    arrays = saved.tensors("model.safetensors", shapes)
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            raise InputError(
                f"{saved.path / 'model.safetensors'}: tensor {name} has numbers that are not finite"
            )
    return arrays


def saved_history(saved: ModelDirectory) -> list[dict[str, Any]]:
    """The records of history.jsonl."""
    records = saved.json_lines("history.jsonl")
    if not all(isinstance(record, dict) for record in records):
        raise InputError(f"{saved.path / 'history.jsonl'}: a line is not a JSON object")
    return records


def saved_metrics(saved: ModelDirectory) -> dict[str, Any]:
    """The figures of metrics.json."""
    metrics = saved.json("metrics.json")
    if not isinstance(metrics, dict):
        raise InputError(f"{saved.path / 'metrics.json'} is not a JSON object")
    return metrics


@contextmanager
def telling(path: Path) -> Iterator[None]:
    """Put the file before a complaint of its content."""
    try:
        yield
    except InputError as error:
        raise InputError(f"{path}: {one_line(error)}") from error
