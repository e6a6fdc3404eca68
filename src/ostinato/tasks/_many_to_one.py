"""What classifiers and regressors have in common: one answer for each sequence."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ostinato.data import check_finite
from ostinato.tasks._order_free import OrderFree, summary_size
from ostinato.tasks._sequence_estimator import Prepared, SequenceEstimator, vocabulary_of


class ManyToOne(SequenceEstimator):
    """An estimator whose network pools what it has read."""

    def __sklearn_tags__(self) -> Any:
        """What scikit-learn may give it: strings, gaps, and sequences of several columns."""
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.allow_nan = True
        tags.input_tags.three_d_array = True
        return tags

    def _outputs(self, X: Any) -> NDArray[np.float32]:
        outputs: NDArray[np.float32] = super()._outputs(X)
        return check_finite(outputs, "scores")

    def _fit_baseline(self, prepared: Prepared) -> OrderFree:
        sequences, targets = prepared.train
        return OrderFree.fit(sequences, targets, prepared.targets.outputs, vocabulary_of(prepared.encoder))

    def _load_baseline(self, arrays: Mapping[str, NDArray[Any]], outputs: int, vocabulary: int) -> OrderFree:
        features = summary_size(self.encoder_.element, vocabulary)
        return OrderFree.from_arrays(arrays, outputs, vocabulary, features)
