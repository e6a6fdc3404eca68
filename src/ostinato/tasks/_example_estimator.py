"""An estimator that learns from inputs, each with its target: some of them are held out."""

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np

from ostinato.data import Examples
from ostinato.tasks._estimator import DataT, EncoderT, Estimator, TargetsT
from ostinato.tasks._held_out import HeldOut, held_out_rows, hold_out

FIRST = 20_000  # training sequences that the final training figures are on


class ExampleEstimator(Estimator[Examples, EncoderT, TargetsT, DataT]):
    """A scikit-learn estimator that learns from inputs with targets."""

    def _examples(self, X: Any, y: Any = None) -> Examples:
        return Examples.of(X, y)

    def _strata(self, examples: Examples) -> Sequence[Hashable] | None:
        """The class of each example, where a share of each is to be held out."""
        return None

    def _held_out(self, examples: Examples, validation: Any, seed: int) -> HeldOut[Examples]:
        if isinstance(validation, (tuple, list)) and len(validation) == 2:
            validation = self._examples(*validation)
        return hold_out(examples, validation, self._strata(examples), seed)

    def _scored(self, examples: Examples) -> tuple[Examples, str]:
        """What of these examples may be scored, and what that is."""
        validation, fingerprint = self.data_["validation"], examples.fingerprint()
        if fingerprint == validation:
            return examples, "all of them, held out from training"
        if fingerprint != self.data_["sha256"]:
            return examples, "all of them"
        if not isinstance(validation, float) or validation == 0:
            return examples, "all of them, which the model was trained on"
        rows = held_out_rows(len(examples), validation, self._strata(examples), self.data_["seed"])
        return examples.take(np.flatnonzero(rows)), f"the {100 * validation:g} % held out from training"
