"""The inputs of examples as a network reads them."""

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError
from ostinato.data._decoding import encode_all
from ostinato.data._examples import Examples, named
from ostinato.data._input_encoder import InputEncoder
from ostinato.data._ragged import Ragged

Result = TypeVar("Result")


def encode_examples(
    encoder: InputEncoder, examples: Examples, **how: Any
) -> tuple[Ragged, NDArray[np.int64]]:
    """The steps of each input, and which of the inputs there are.

    Args:
        encoder: learned in training.
        examples: of its kind.
        how: `workers`, `on_corrupt` (by default there is no choice), `directory` and `name`, as of
            `encode_all`.

    Raises:
        InputError: they are of another kind, one has no steps, or as `encode_all`.
    """
    check_kind(encoder, examples)
    sequences, kept = encode_all(
        encoder, examples.inputs, place=examples.place, **{"on_corrupt": None, **how}
    )
    if empty := np.flatnonzero(sequences.lengths == 0).tolist():
        raise InputError(
            f"sequences of length 0: {named(examples.place(int(kept[row])) for row in empty)}; "
            f"leave them out, there is nothing in them to go by"
        )
    return sequences, kept


def check_kind(encoder: InputEncoder, examples: Examples) -> None:
    """InputError unless the examples are of the kind that the encoder was learned from."""
    if examples.kind != encoder.kind:
        raise InputError(f"the inputs are {examples.kind} and the model was trained on {encoder.kind}")


def each_decoded(examples: Examples, read: Callable[[Any], Result]) -> list[Result]:
    """What is made of each of some recordings, one after the other.

    Raises:
        InputError: some cannot be read; all of them are named.
    """
    results, failures = [], []
    for row, path in enumerate(examples.inputs):
        try:
            results.append(read(path))
        except InputError as error:
            failures.append(f"{examples.place(row)}: {error}")
    if failures:
        raise InputError(f"{len(failures):,} of {len(examples):,} inputs cannot be read: {named(failures)}")
    return results
