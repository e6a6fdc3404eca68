"""Checkpoints: everything a run needs to go on as if it had never stopped, in one safetensors file.

A file is written whole or not at all and never changed afterwards; its name holds its step. `checkpoints/`
keeps the newest one and the best one.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from ostinato._errors import InputError, one_line
from ostinato._files import write_bytes

_NAME = re.compile(r"step-(\d{9})\.safetensors")


@dataclass(frozen=True)
class Checkpoint:
    """A moment of a run: named tensors and what is not a tensor, as JSON."""

    tensors: dict[str, torch.Tensor]
    facts: dict[str, Any]

    def group(self, prefix: str) -> dict[str, torch.Tensor]:
        """The tensors whose names begin with `prefix.`, without it."""
        start = prefix + "."
        return {name[len(start) :]: t for name, t in self.tensors.items() if name.startswith(start)}


def checkpoint_path(directory: Path, step: int) -> Path:
    """Where the checkpoint after `step` steps lies."""
    return directory / f"step-{step:09d}.safetensors"


def steps_saved(directory: Path) -> list[int]:
    """The steps there are checkpoints of, in order."""
    if not directory.is_dir():
        return []
    names = (_NAME.fullmatch(path.name) for path in directory.iterdir())
    return sorted(int(name[1]) for name in names if name)


def save_checkpoint(directory: Path, step: int, checkpoint: Checkpoint) -> None:
    """Write the checkpoint of `step`.

    Raises:
        InputError: it cannot be written (disk full, for one); earlier checkpoints are as they were.
    """
    # A contiguous copy each: two names may share memory (tied weights), which the format does not hold.
    tensors = {
        name: tensor.detach().cpu().clone(memory_format=torch.contiguous_format)
        for name, tensor in checkpoint.tensors.items()
    }
    facts = json.dumps(checkpoint.facts, allow_nan=False)
    write_bytes(checkpoint_path(directory, step), save(tensors, {"facts": facts}))


def load_checkpoint(directory: Path, step: int) -> Checkpoint:
    """Read the checkpoint of `step`.

    Raises:
        InputError: the file is gone, truncated or not a checkpoint.
    """
    path = checkpoint_path(directory, step)
    try:
        content = path.read_bytes()
        header_size = int.from_bytes(content[:8], "little")
        tensors = load(content)
        facts = json.loads(json.loads(content[8 : 8 + header_size])["__metadata__"]["facts"])
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error
    except (SafetensorError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(
            f"{path} is damaged ({one_line(error)}): delete it to resume from the one before"
        ) from error
    return Checkpoint(tensors, facts)


def drop_checkpoints(directory: Path, keep: set[int]) -> None:
    """Delete the checkpoints of all steps but these."""
    for step in steps_saved(directory):
        if step not in keep:
            checkpoint_path(directory, step).unlink(missing_ok=True)
