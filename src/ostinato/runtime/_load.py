"""A model of whatever task from its directory, without torch."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from ostinato._errors import InputError

if TYPE_CHECKING:
    from ostinato.runtime._layers import Precision


def load(directory: str | os.PathLike[str], *, weights: "Precision" = "float32") -> Any:
    """Read a model directory; safe with a stranger's: nothing in it is executed.

    Args:
        directory: what `ostinato train … -o DIR` or an estimator's `save` wrote.
        weights: the type that the recurrent layers' weights are held in for single steps.

    Returns:
        A `LanguageModel`, `Classifier`, `Regressor`, `Tagger`, `Generator`, `Translator` or `Forecaster` of
        `ostinato.runtime`: `predict` and whatever else the estimator of that name answers with, and where the
        model can, `stream` and `streams`.

    Raises:
        InputError: the directory is missing, damaged, of a task that this Ostinato does not know or from a
            newer one; or there are no such `weights`.
    """
    from ostinato.data import class_of, opened
    from ostinato.runtime._layers import Precision

    if weights not in get_args(Precision):
        raise InputError(f"weights is {weights!r}: choose one of {', '.join(get_args(Precision))}")
    return opened(
        Path(directory),
        lambda saved: class_of(saved, "ostinato.runtime", does="runs").read(saved, weights),
    )
