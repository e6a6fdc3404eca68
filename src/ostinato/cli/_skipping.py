"""Of recordings, what is said of those that can be decoded."""

import warnings
from collections.abc import Callable, Iterable, Iterator

from ostinato._errors import InputError
from ostinato.cli._inputs import Batch
from ostinato.cli._predictions import Answer


def of_decodable(answer: Callable[[Batch], Iterator[Answer]], batches: Iterable[Batch]) -> Iterator[Answer]:
    """The answers to recordings, one after the other; a warning for each that cannot be decoded.

    Raises:
        InputError: none can be decoded.
    """
    from ostinato.data import named

    failures: list[InputError] = []
    answered = False
    for one in _singly(batches):
        try:
            yield from answer(one)
        except InputError as error:
            failures.append(error)
        else:
            answered = True
        if answered:  # until then it may be that there is nothing but an error to tell
            _warn(failures)
            failures = []
    if not answered and failures:
        told = named(map(str, failures))
        count = len(failures)
        raise InputError(told if count == 1 else f"none of the {count:,} inputs can be read: {told}")


def _warn(failures: Iterable[InputError]) -> None:
    for error in failures:
        warnings.warn(f"{error}; left out", UserWarning, stacklevel=3)


def _singly(batches: Iterable[Batch]) -> Iterator[Batch]:
    for batch in batches:
        for row, name in enumerate(batch.names):
            yield Batch([name], batch.examples.take([row]), batch.typed)
