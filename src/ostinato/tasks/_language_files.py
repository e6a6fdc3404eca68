"""A language model as a model directory, and back."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.numpy import save

from ostinato import __version__
from ostinato._errors import InputError, one_line
from ostinato._files import json_bytes, json_line
from ostinato.data import ModelDirectory, Tokenizer, publish, tokenizer_from_json
from ostinato.nn import LanguageNetwork
from ostinato.tasks._language_parameters import check_language_parameters, describe_network
from ostinato.tasks._ngram import NGram

TASK = "lm"

_BASELINE = "baseline.safetensors"
_LARGEST_BASELINE = 1 << 29  # bytes; five million tokens make less


@dataclass(frozen=True)
class LanguageFiles:
    """All that a saved language model consists of."""

    parameters: Mapping[str, Any]
    tokenizer: Tokenizer
    network: LanguageNetwork
    baseline: NGram
    split: Mapping[str, Any]
    history: list[dict[str, Any]]
    metrics: Mapping[str, Any]


def save_files(directory: Path, files: LanguageFiles) -> None:
    """Write the model directory, whole or not at all."""
    config = {
        "task": TASK,
        "ostinato": __version__,
        "parameters": dict(files.parameters),
        "text": dict(files.split),
    }
    weights = {name: tensor.detach().cpu().numpy() for name, tensor in files.network.state_dict().items()}
    publish(
        directory,
        config,
        {
            "model.safetensors": save(weights),
            _BASELINE: save(files.baseline.to_arrays()),
            "tokenizer.json": json_bytes(files.tokenizer.to_json()),
            "metrics.json": json_bytes(files.metrics),
            "history.jsonl": b"".join(map(json_line, files.history)),
        },
    )


def load_files(directory: Path, defaults: Mapping[str, Any]) -> LanguageFiles:
    """Read a model directory.

    Args:
        directory: anybody's.
        defaults: the parameters there may be, with what they are in a model saved before they were.

    Raises:
        InputError: it is not a whole model directory of a language model.
    """
    saved = ModelDirectory(directory)
    try:
        return _load(saved, defaults)
    except InputError:
        again = ModelDirectory(directory)
        if again.config == saved.config:
            raise
        return _load(again, defaults)  # another process put a new model there meanwhile


def _load(saved: ModelDirectory, defaults: Mapping[str, Any]) -> LanguageFiles:
    directory, config = saved.path, saved.config
    path = directory / "config.json"
    if config.get("task") != TASK:
        raise InputError(
            f"{path} is of a model for {config.get('task')!r}, not of a language model ({TASK!r})"
        )
    parameters, split = config.get("parameters"), config.get("text")
    if not isinstance(parameters, dict):
        raise InputError(f"{path}: `parameters` are not those of a language model")
    if unknown := parameters.keys() - defaults.keys():
        raise InputError(f"{path}: `parameters` are not those of a language model: {min(unknown)!r}")
    with _telling(path):
        parameters = check_language_parameters({**defaults, **parameters, "device": "cpu"})
    tokenizer_json = saved.json("tokenizer.json")
    with _telling(directory / "tokenizer.json"):
        tokenizer = tokenizer_from_json(tokenizer_json)
    return LanguageFiles(
        parameters,
        tokenizer,
        _network(saved, parameters, len(tokenizer)),
        _baseline(saved, len(tokenizer)),
        _split(path, split),
        _history(saved),
        _metrics(saved),
    )


def _network(saved: ModelDirectory, parameters: Mapping[str, Any], vocabulary: int) -> LanguageNetwork:
    """The saved network; memory for weights is taken only once the file is known to hold just these."""
    network = describe_network(parameters, vocabulary)
    shapes = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    arrays = saved.tensors("model.safetensors", shapes)
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            raise InputError(
                f"{saved.path / 'model.safetensors'}: tensor {name} has numbers that are not finite"
            )
    network.load_state_dict({name: torch.from_numpy(array) for name, array in arrays.items()}, assign=True)
    return network.requires_grad_().eval()


def _baseline(saved: ModelDirectory, vocabulary: int) -> NGram:
    arrays = saved.tensors(_BASELINE, limit=_LARGEST_BASELINE)
    with _telling(saved.path / _BASELINE):
        baseline = NGram.from_arrays(arrays)
        if baseline.vocabulary_size != vocabulary:
            raise InputError(
                f"it counts {baseline.vocabulary_size} tokens and the tokenizer has {vocabulary}: "
                f"save the model again"
            )
    return baseline


def _history(saved: ModelDirectory) -> list[dict[str, Any]]:
    records = saved.json_lines("history.jsonl")
    if not all(isinstance(record, dict) for record in records):
        raise InputError(f"{saved.path / 'history.jsonl'}: a line is not a JSON object")
    return records


def _metrics(saved: ModelDirectory) -> dict[str, Any]:
    metrics = saved.json("metrics.json")
    if not isinstance(metrics, dict):
        raise InputError(f"{saved.path / 'metrics.json'} is not a JSON object")
    return metrics


@contextmanager
def _telling(path: Path) -> Iterator[None]:
    """Put the file before a complaint of its content."""
    try:
        yield
    except InputError as error:
        raise InputError(f"{path}: {one_line(error)}") from error


def _split(path: Path, split: Any) -> dict[str, Any]:
    if (
        not isinstance(split, dict)
        or not isinstance(split.get("sha256"), str)
        or not isinstance(split.get("validation"), (float, str))
    ):
        raise InputError(f"{path}: `text` does not say what the model was trained on")
    files = split.get("files", [])
    if not isinstance(files, list) or not all(isinstance(sha256, str) for sha256 in files):
        raise InputError(f"{path}: `files` of `text` is not a list of checksums")
    if isinstance(split["validation"], float) and not 0 < split["validation"] < 1:
        raise InputError(f"{path}: the held-out share is {split['validation']}, not between 0 and 1")
    return split
