"""Which examples are learned from and which are held out."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError, ParameterError
from ostinato.data import Examples

ExamplesT = TypeVar("ExamplesT")


@dataclass(frozen=True)
class HeldOut(Generic[ExamplesT]):
    """Examples to train on, and others to judge by.

    Attributes:
        train: what is learned from.
        valid: what is held out; None where nothing is.
        facts: what tells this split from others, JSON-able.
        warning: what is to be told of it once all else is in order; "" for nothing.
    """

    train: ExamplesT
    valid: ExamplesT | None
    facts: Mapping[str, Any]
    warning: str = ""


def hold_out(
    examples: Examples, validation: Any, strata: Sequence[Hashable] | None, seed: int
) -> HeldOut[Examples]:
    """Split examples.

    Args:
        examples: all, with targets.
        validation: the share held out; None or 0: nothing; or other examples: `Examples`. A share of so few
            examples that it comes to none of them holds out nothing; then there is a `warning`.
        strata: the class of each example, so that the share is taken of every class and none is held out
            altogether; None: of all.
        seed: which ones.

    Raises:
        InputError: there is one example and a share of it is wanted, the share is none, or the other examples
            have no targets or are of another kind.
    """
    facts = {
        "sha256": examples.fingerprint(),
        "examples": len(examples),
        "origin": dict(examples.origin),
        "seed": seed,
    }
    if validation is None or isinstance(validation, (int, float, np.integer, np.floating)):
        share = share_of(validation)
        if share and len(examples) == 1:
            raise InputError(
                f"{examples.place(0)} is all there is, and one sample is too few to learn from and to judge "
                f"by: give more, or learn it by heart with validation=0"
            )
        held_out = held_out_rows(len(examples), share, strata, seed)
        if not held_out.any():
            warning = _too_few(len(examples), share) if share else ""
            return HeldOut(examples, None, {**facts, "validation": 0.0}, warning)
        train, valid = (examples.take(np.flatnonzero(rows)) for rows in (~held_out, held_out))
        return HeldOut(train, valid, {**facts, "validation": share})
    if not isinstance(validation, Examples):
        raise ParameterError("validation", "must be a share, or a pair (X, y)")
    if validation.targets is None:
        raise InputError("the validation examples have no targets: give (X, y)")
    if validation.kind != examples.kind:
        raise InputError(f"the validation examples are {validation.kind} and the others {examples.kind}")
    return HeldOut(examples, validation, {**facts, "validation": validation.fingerprint()})


def held_out_rows(
    count: int, share: float, strata: Sequence[Hashable] | None, seed: int
) -> NDArray[np.bool_]:
    """(count,) which are held out: that share of all, rounded; and of each class, but never all of it.

    Of each class as many as are whole, and one more of those with the largest remainders, so that many small
    classes give their share too.
    """
    groups: dict[Hashable, list[int]] = {}
    for row, stratum in enumerate(strata if strata is not None else [None] * count):
        groups.setdefault(stratum, []).append(row)
    random = np.random.default_rng((seed, 1))
    held_out = np.zeros(count, bool)
    sizes = _apportioned(np.array([len(rows) for rows in groups.values()]), share, random)
    for rows, size in zip(groups.values(), sizes, strict=True):
        held_out[random.permutation(rows)[:size]] = True
    return held_out


def _apportioned(counts: NDArray[np.int64], share: float, random: np.random.Generator) -> NDArray[np.int64]:
    """How many of each class: the share of each and of their sum, to less than one, and one less than all."""
    quotas = np.minimum(share * counts, counts - 1)
    sizes: NDArray[np.int64] = quotas.astype(np.int64)
    missing = min(round(share * counts.sum()), np.ceil(quotas).astype(np.int64).sum()) - sizes.sum()
    largest = np.lexsort((random.random(len(counts)), sizes - quotas))  # between equals the seed decides
    sizes[largest[: max(0, missing)]] += 1
    return sizes


def _too_few(count: int, share: float) -> str:
    return (
        f"{count} sequences are too few to hold {share:g} of them out: nothing "
        f"is held out, there will be no figures on unseen examples, and training does not end early"
    )


def share_of(validation: Any) -> float:
    """The share that is held out, None being none; `ParameterError` where it is no share."""
    share = 0.0 if validation is None else float(validation)
    if isinstance(validation, bool) or not 0 <= share < 1:
        raise ParameterError(
            "validation",
            f"is {validation}: it must be a share from 0 up to, not including, 1, or data to hold out",
        )
    return share
