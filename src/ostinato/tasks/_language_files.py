"""A language model as a model directory, and back."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors.numpy import save

from ostinato import __version__
from ostinato._errors import InputError
from ostinato._files import json_bytes, json_line
from ostinato.data import (
    BASELINE,
    LARGEST_BASELINE,
    ModelDirectory,
    Tokenizer,
    opened,
    publish,
    saved_history,
    saved_metrics,
    saved_parameters,
    telling,
    tokenizer_from_json,
)
from ostinato.nn import LanguageNetwork
from ostinato.tasks._language_parameters import check_language_parameters, describe_network
from ostinato.tasks._ngram import NGram
from ostinato.tasks._saved import load_weights

TASK = "lm"


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
            BASELINE: save(files.baseline.to_arrays()),
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
    return opened(directory, lambda saved: _load(saved, defaults))


def _load(saved: ModelDirectory, defaults: Mapping[str, Any]) -> LanguageFiles:
    path = saved.path / "config.json"
    parameters = saved_parameters(saved, TASK, defaults)
    with telling(path):
        parameters = check_language_parameters(parameters)
    tokenizer_json = saved.json("tokenizer.json")
    with telling(saved.path / "tokenizer.json"):
        tokenizer = tokenizer_from_json(tokenizer_json)
    network = describe_network(parameters, len(tokenizer))
    load_weights(saved, network)
    return LanguageFiles(
        parameters,
        tokenizer,
        network,
        _baseline(saved, len(tokenizer)),
        _split(path, saved.config.get("text")),
        saved_history(saved),
        saved_metrics(saved),
    )


def _baseline(saved: ModelDirectory, vocabulary: int) -> NGram:
    arrays = saved.tensors(BASELINE, limit=LARGEST_BASELINE)
    with telling(saved.path / BASELINE):
        baseline = NGram.from_arrays(arrays)
        if baseline.vocabulary_size != vocabulary:
            raise InputError(
                f"it counts {baseline.vocabulary_size} tokens and the tokenizer has {vocabulary}: "
                f"save the model again"
            )
    return baseline


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
