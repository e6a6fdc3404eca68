"""Which examples are learned from and which are held out."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError, ParameterError
from ostinato.data import Examples


@dataclass(frozen=True)
class HeldOut:
    """Examples to train on, and others to judge by.

    Attributes:
        train: what is learned from.
        valid: what is held out; None where nothing is.
        facts: what tells this split from others, JSON-able.
    """

    train: Examples
    valid: Examples | None
    facts: Mapping[str, Any]

    @classmethod
    def of(
        cls, examples: Examples, validation: Any, strata: Sequence[Hashable] | None, seed: int
    ) -> "HeldOut":
        """Split examples.

        Args:
            examples: all, with targets.
            validation: the share held out; None or 0: nothing; or other examples: `Examples` or (X, y).
            strata: the class of each example, so that the share is taken of every class and none is held
                out altogether; None: of all.
            seed: which ones.

        Raises:
            InputError: the share is none, or too few examples are left.
        """
        facts = {"sha256": examples.fingerprint(), "examples": len(examples), "origin": dict(examples.origin)}
        if validation is None or isinstance(validation, (int, float, np.integer, np.floating)):
            share = _share(validation)
            held_out = held_out_rows(len(examples), share, strata, seed)
            if share and not held_out.any():
                raise InputError(
                    f"{len(examples)} sequences are too few to hold {share:g} of them out: give more, or "
                    f"validation=0 to hold out none"
                )
            valid = examples.take(np.flatnonzero(held_out)) if share else None
            return cls(examples.take(np.flatnonzero(~held_out)), valid, {**facts, "validation": share})
        valid = validation if isinstance(validation, Examples) else Examples.of(*_pair(validation))
        if valid.targets is None:
            raise InputError("the validation examples have no targets: give (X, y)")
        if valid.kind != examples.kind:
            raise InputError(f"the validation examples are {valid.kind} and the others {examples.kind}")
        return cls(examples, valid, {**facts, "validation": valid.fingerprint()})


def held_out_rows(
    count: int, share: float, strata: Sequence[Hashable] | None, seed: int
) -> NDArray[np.bool_]:
    """(count,) which examples are held out: the share of each class, rounded, but never all of it."""
    groups: dict[Hashable, list[int]] = {}
    for row, stratum in enumerate(strata if strata is not None else [None] * count):
        groups.setdefault(stratum, []).append(row)
    held_out = np.zeros(count, bool)
    random = np.random.default_rng((seed, 1))
    for rows in groups.values():
        size = min(round(share * len(rows)), len(rows) - 1)
        held_out[random.permutation(rows)[:size]] = True
    return held_out


def _share(validation: Any) -> float:
    share = 0.0 if validation is None else float(validation)
    if isinstance(validation, bool) or not 0 <= share < 1:
        raise ParameterError(
            "validation", f"is {validation}: it must be a share from 0 up to, not including, 1, or examples"
        )
    return share


def _pair(validation: Any) -> tuple[Any, Any]:
    if not isinstance(validation, (tuple, list)) or len(validation) != 2:
        raise ParameterError("validation", "must be a share, or a pair (X, y)")
    return validation[0], validation[1]
