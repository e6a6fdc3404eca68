"""The directory a command trains into.

While a run lasts everything of it lies in `DIR/checkpoints/`: `run.json` (what is trained on what), the
tokens, the checkpoints, the history, TensorBoard's events. A model that was in `DIR` before stays whole and
usable until the new one takes its place.
"""

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ostinato._errors import InputError
from ostinato._files import write_json

_RUN = "run.json"


@contextmanager
def preparing(directory: Path, facts: Mapping[str, Any], *, resume: bool, overwrite: bool) -> Iterator[Path]:
    """Claim a directory for a run and yield its `checkpoints/`; if the block fails, what it made is taken away again.

    Args:
        directory: where the model will be.
        facts: JSON-able; a run is resumed only with the facts it was started with.
        resume: go on with the run that is there; start one where there is none.
        overwrite: replace a model or a run that is there.

    Raises:
        InputError: the directory is in use and neither was asked for, it is not ours to overwrite, the facts
            differ, or it cannot be written.
    """
    work = directory / "checkpoints"
    known = _started_with(work) if resume else None
    if known is not None:
        _compare(directory, known, json.loads(json.dumps(facts)))
        yield work
        return
    check_free(directory, overwrite)
    fresh = [path for path in (directory, *directory.parents) if not path.exists()]
    try:
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        write_json(work / _RUN, facts)
        yield work
    except BaseException as error:
        shutil.rmtree(fresh[0] if fresh else work, ignore_errors=True)
        for path in fresh[1:]:
            path.rmdir()
        if isinstance(error, OSError):
            raise InputError(f"cannot write {directory}: {error.strerror or error}") from error
        raise


def check_free(directory: Path, overwrite: bool) -> None:
    """Raise `InputError` unless a model may be written to `directory`."""
    if not directory.exists():
        return
    if not directory.is_dir():
        raise InputError(f"{directory} is a file: name a directory for the model")
    try:
        names = {path.name for path in directory.iterdir()}
    except OSError as error:
        raise InputError(f"cannot read {directory}: {error.strerror}") from error
    if names and not overwrite:
        raise InputError(
            f"{directory} is not empty: name another directory, or replace what is there with --overwrite, "
            f"or go on with it with --resume"
        )
    if names and not names & {"model.safetensors", "checkpoints", ".publish"}:
        raise InputError(f"{directory} holds other files and no model: name another directory")


def _started_with(work: Path) -> dict[str, Any] | None:
    try:
        facts: dict[str, Any] = json.loads((work / _RUN).read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise InputError(f"{work / _RUN} is damaged: start again with --overwrite") from error
    return facts


def _compare(directory: Path, known: Mapping[str, Any], facts: Mapping[str, Any]) -> None:
    differing = [name for name in facts if known.get(name) != facts[name]]
    if differing:
        told = ", ".join(f"{name} was {known.get(name)!r} and is {facts[name]!r}" for name in differing)
        raise InputError(
            f"the run in {directory} was started otherwise: {told}; "
            f"resume with what it was started with, or start again with --overwrite"
        )
