"""All inputs of a training run encoded, by several workers, into memory or into a file larger than it."""

import os
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError, ParameterError
from ostinato.data._encoded_file import EncodedFile, spooled
from ostinato.data._examples import named
from ostinato.data._input_encoder import InputEncoder
from ostinato.data._ragged import Ragged

Result = TypeVar("Result")


def encode_all(
    encoder: InputEncoder,
    inputs: Sequence[Any],
    *,
    place: Callable[[int], str],
    on_corrupt: Literal["error", "skip"] | None = "error",
    workers: int | None = None,
    directory: Path | None = None,
    name: str = "inputs",
) -> tuple[Ragged, NDArray[np.int64]]:
    """Encode inputs, in their order.

    The workers are threads: FFmpeg and numpy do their work without Python's lock, a thread starts at once,
    and what it has decoded need not be copied out of another process.

    Args:
        encoder: of any kind.
        inputs: at least one.
        place: the name of input i in messages.
        on_corrupt: what becomes of inputs that cannot be encoded: an "error" that names them, or "skip", a
            warning that does; None: an error where there is no choice.
        workers: how many inputs are encoded at once; None: as many as there are processors.
        directory: where the steps are written, to be memory-mapped: then only a few inputs are in memory at
            a time, and at most 64 MB of each. None: all are in memory. What an earlier call with this
            encoder and as many inputs completed there is used again; that they are the same inputs is the
            caller's to know.
        name: of the files in `directory`.

    Returns:
        The steps, and the indices (n,) of the inputs that they are of, which leave out those skipped.

    Raises:
        InputError: `on_corrupt` is "error" and inputs cannot be encoded, or none can; or the directory cannot
            be written.
        ModuleNotFoundError: the encoder needs PyAV, which is not installed.
    """
    if on_corrupt not in ("error", "skip", None):
        raise ParameterError("on_corrupt", f"is {on_corrupt!r}: give 'error' or 'skip'")
    results = partial(
        _results, inputs=inputs, workers=workers or _processors(), place=place, on_corrupt=on_corrupt
    )
    if directory is None:
        kept, encoded = zip(*results(encoder.encode), strict=True)
        return Ragged.of(encoded), np.array(kept, np.int64)
    file = EncodedFile(directory, name, encoder, len(inputs))
    if not file.is_complete():
        file.write(results(partial(spooled, encoder, directory)))
    return file.open()


def _results(
    work: Callable[[Any], Result],
    inputs: Sequence[Any],
    workers: int,
    place: Callable[[int], str],
    on_corrupt: str | None,
) -> Iterator[tuple[int, Result]]:
    """What `work` gives for each input, with its index; after the last, what became of the others."""
    failures: dict[int, InputError] = {}
    for index, result in enumerate(_in_order(work, inputs, workers)):
        if isinstance(result, InputError):
            failures[index] = result
        else:
            yield index, result
    if failures:
        _judge(failures, len(inputs), place, on_corrupt)


def _in_order(
    work: Callable[[Any], Result], inputs: Sequence[Any], workers: int
) -> Iterator[Result | InputError]:
    """What `work` gives or raises for each input, in order; the workers are never far ahead of the caller."""

    def outcome(item: Any) -> Result | InputError:
        try:
            return work(item)
        except InputError as error:
            return error

    pool = ThreadPoolExecutor(workers)
    try:
        ahead: deque[Future[Result | InputError]] = deque()
        for item in inputs:
            ahead.append(pool.submit(outcome, item))
            if len(ahead) > workers:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _judge(
    failures: Mapping[int, InputError], count: int, place: Callable[[int], str], on_corrupt: str | None
) -> None:
    """Refuse the inputs, or warn that some are left out."""
    bad = named(f"{place(index)}: {error}" for index, error in failures.items())
    if len(failures) == count:
        raise InputError(bad if count == 1 else f"none of the {count:,} inputs can be read: {bad}")
    message = f"{len(failures):,} of {count:,} inputs cannot be read: {bad}"
    if on_corrupt != "skip":
        choice = "" if on_corrupt is None else ' with on_corrupt="skip"'
        raise InputError(f"{message}; mend them, or leave them out{choice}")
    warnings.warn(f"{message}; left out", UserWarning, stacklevel=2)


def _processors() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
