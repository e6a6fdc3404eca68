"""The directory a command trains into.

While a run lasts everything of it lies in `DIR/checkpoints/`: `run.json` (what is trained on what), the
tokens, the checkpoints, the history, TensorBoard's events. A model that was in `DIR` before stays whole and
usable until the new one takes its place.

Only one process at a time trains into a directory: `locked` for as long as it does, `preparing` within.
"""

import json
import os
import shutil
import warnings
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

import torch

from ostinato._errors import InputError
from ostinato._files import write_json
from ostinato.data import UNPUBLISHED, is_model

try:
    import fcntl
except ImportError:  # not on Windows: nobody is kept out there
    fcntl = None  # type: ignore[assignment]

_WORK, _RUN = "checkpoints", "run.json"
_ASIDE = ".checkpoints.old"  # the run that is being replaced, until the new one is known to be possible


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Keep other processes from training into a directory; made if missing, gone again if it stays empty.

    The lock is the system's and ends with the process, however that ends. It is on the directory itself, for
    `checkpoints/` is moved away where a run is replaced.

    Raises:
        InputError: another process holds it, or the directory cannot be made.
    """
    made = [path for path in (directory, *directory.parents) if not os.path.lexists(path)]
    try:
        directory.mkdir(parents=True, exist_ok=True)
        handle = os.open(directory, os.O_RDONLY) if fcntl else None
    except FileExistsError as error:
        raise InputError(f"{directory} is a file: name a directory for the model") from error
    except OSError as error:
        _remove_empty(made)
        raise InputError(f"cannot write {directory}: {error.strerror or error}") from error
    try:
        _lock(directory, handle)
        try:
            yield
        finally:
            _remove_empty(made)
    finally:
        if handle is not None:
            os.close(handle)


@contextmanager
def preparing(
    directory: Path, facts: Mapping[str, Any], *, threads: int, resume: bool, overwrite: bool
) -> Iterator[Path]:
    """Claim a directory for a run and yield its `checkpoints/`; if the block fails, it is as it was before.

    Args:
        directory: where the model will be; there, and `locked`.
        facts: JSON-able; a run is resumed only with the facts it was started with.
        threads: what the run computes with; warned of where another number goes on.
        resume: go on with the run that is there; start one where there is none.
        overwrite: replace a model or a run that is there.

    Raises:
        InputError: the directory is in use and neither was asked for, it is not ours to overwrite, the facts
            differ, or it cannot be written.
    """
    work = directory / _WORK
    plain = json.loads(json.dumps(facts, default=lambda number: number.item()))  # numpy's numbers too
    try:
        known = _facts_of_run(work) if resume else None
        if known is not None:
            threads_before = known.pop("threads", threads)
            _compare(directory, known, plain)
            if threads != threads_before:
                warnings.warn(
                    f"the run in {directory} was started with {threads_before} threads and goes on with "
                    f"{threads}: its numbers will differ in their last bits",
                    stacklevel=4,  # whoever calls `fit`
                )
            _sweep(work)
            yield work
        else:
            check_free(directory, overwrite)
            with _claimed(directory, {**plain, "threads": threads}):
                yield work
        shutil.rmtree(directory / _ASIDE, ignore_errors=True)
    except OSError as error:
        raise InputError(f"cannot write {directory}: {error.strerror or error}") from error


def claimed(
    directory: Path | None, facts: Mapping[str, Any], *, resume: bool, overwrite: bool
) -> AbstractContextManager[Path | None]:
    """`preparing` a run with torch's present threads; None for a run that is kept in memory."""
    if directory is None:
        return nullcontext()
    threads = torch.get_num_threads()
    return preparing(directory, facts, threads=threads, resume=resume, overwrite=overwrite)


def check_free(directory: Path, overwrite: bool) -> None:
    """Raise `InputError` unless a model may be written to `directory`."""
    try:
        names = {path.name for path in directory.iterdir()} if directory.exists() else set()
        names -= {UNPUBLISHED, _ASIDE}  # what a killed writer left
        if _WORK in names and _is_bare(directory / _WORK):
            names.remove(_WORK)
    except NotADirectoryError as error:
        raise InputError(f"{directory} is a file: name a directory for the model") from error
    except OSError as error:
        raise InputError(f"cannot use {directory}: {error.strerror}") from error
    if not names:
        return
    has_run = (directory / _WORK / _RUN).exists()
    if (_WORK in names and not has_run) or not (has_run or is_model(directory)):
        raise InputError(
            f"{directory} is not empty: it holds other files and no model of ours; name another directory"
        )
    if not overwrite:
        resuming = ", or go on with its run with --resume" if has_run else ""
        raise InputError(
            f"{directory} is not empty: name another directory, or replace the model there with --overwrite"
            + resuming
        )


@contextmanager
def _claimed(directory: Path, facts: Mapping[str, Any]) -> Iterator[None]:
    """Start a run; if the block fails, take it away again and put back the one it replaced."""
    work, aside = directory / _WORK, directory / _ASIDE
    shutil.rmtree(aside, ignore_errors=True)
    with ExitStack() as undo:
        if work.exists():
            work.rename(aside)
            undo.callback(aside.rename, work)
        work.mkdir()  # fails where, without locks, another process was quicker: its run is not ours to remove
        undo.callback(shutil.rmtree, work, ignore_errors=True)
        write_json(work / _RUN, facts)
        yield
        undo.pop_all()


def _lock(directory: Path, handle: int | None) -> None:
    if handle is None:
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise InputError(
            f"another process is training in {directory}: wait for it, or name another directory"
        ) from error
    except OSError:  # some network file systems lock no directories: nobody is kept out there
        return


def _remove_empty(directories: list[Path]) -> None:
    """Remove directories, the innermost first, but for those that someone put something into."""
    for path in directories:
        with suppress(OSError):
            path.rmdir()


def _is_bare(work: Path) -> bool:
    """Whether a run was killed here before it was one: nothing but half a `run.json`, if that."""
    return work.is_dir() and all(_is_half(path) for path in work.iterdir())


def _is_half(path: Path) -> bool:
    """Whether a killed writer left this: `ostinato._files` writes under such names."""
    return path.name.startswith(".") and path.name.endswith(".part")


def _sweep(work: Path) -> None:
    for path in work.iterdir():
        if _is_half(path):
            path.unlink()


def _facts_of_run(work: Path) -> dict[str, Any] | None:
    try:
        facts = json.loads((work / _RUN).read_bytes())
        if not isinstance(facts, dict):
            raise ValueError("not an object")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{work / _RUN} is damaged: start again with --overwrite") from error
    return facts


def _compare(directory: Path, known: Mapping[str, Any], facts: Mapping[str, Any]) -> None:
    names = [*facts, *(known.keys() - facts.keys())]
    differing = [name for name in names if known.get(name) != facts.get(name)]
    if differing:
        told = ", ".join(f"{name} was {known.get(name)!r} and is {facts.get(name)!r}" for name in differing)
        raise InputError(
            f"the run in {directory} was started otherwise: {told}; "
            f"resume with what it was started with, or start again with --overwrite"
        )
