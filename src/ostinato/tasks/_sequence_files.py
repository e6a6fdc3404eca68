"""What was learned from examples as a model directory, and back."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from safetensors.numpy import save
from torch import nn

from ostinato import __version__
from ostinato._errors import InputError
from ostinato._files import json_bytes, json_line
from ostinato.data import BASELINE, ModelDirectory, publish


class Describable(Protocol):
    """What can be said in JSON."""

    def to_json(self) -> dict[str, Any]:
        """All there is to know."""


@dataclass(frozen=True)
class SequenceFiles:
    """All that such a saved model consists of."""

    task: str
    parameters: Mapping[str, Any]
    data: Mapping[str, Any]
    encoder: Describable
    targets: Describable
    network: nn.Module
    baseline: Mapping[str, Any]
    history: list[dict[str, Any]]
    metrics: Mapping[str, Any]


def save_sequence_files(directory: Path, files: SequenceFiles) -> None:
    """Write the model directory, whole or not at all."""
    config = {
        "task": files.task,
        "ostinato": __version__,
        "parameters": dict(files.parameters),
        "data": dict(files.data),
    }
    weights = {name: tensor.detach().cpu().numpy() for name, tensor in files.network.state_dict().items()}
    publish(
        directory,
        config,
        {
            "model.safetensors": save(weights),
            BASELINE: save(dict(files.baseline)),
            "inputs.json": json_bytes(files.encoder.to_json()),
            "targets.json": json_bytes(files.targets.to_json()),
            "metrics.json": json_bytes(files.metrics),
            "history.jsonl": b"".join(map(json_line, files.history)),
        },
    )


def saved_data(saved: ModelDirectory) -> dict[str, Any]:
    """What the model was trained on: a fingerprint, what was held out, and how the file was read."""
    path, data = saved.path / "config.json", saved.config.get("data")
    if (
        not isinstance(data, dict)
        or not isinstance(data.get("sha256"), str)
        or not isinstance(data.get("validation"), (float, str))
        or not isinstance(data.get("origin"), dict)
        or type(data.get("seed")) is not int
        or data["seed"] < 0
    ):
        raise InputError(f"{path}: `data` does not say what the model was trained on")
    if isinstance(data["validation"], float) and not 0 <= data["validation"] < 1:
        raise InputError(f"{path}: the held-out share is {data['validation']}, not from 0 to 1")
    return data
