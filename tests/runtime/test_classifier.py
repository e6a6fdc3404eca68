import numpy as np
import pytest

from ostinato import InputError

from .saved import TEXTS, series, series_classifier, text_classifier

KINDS = {
    "texts": (text_classifier, TEXTS, {}),
    "words": (text_classifier, TEXTS, {"tokens": "words", "bidirectional": True}),
    "series": (series_classifier, series(), {"cell": "lstm"}),
    "windows": (series_classifier, series(), {"bidirectional": True}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_predictions_are_the_estimators(both, kind):
    make, X, options = KINDS[kind]
    estimator, model = both(make, **options)
    np.testing.assert_allclose(model.predict_proba(X), estimator.predict_proba(X), atol=1e-6)
    np.testing.assert_array_equal(model.predict(X), estimator.predict(X))
    np.testing.assert_array_equal(model.classes, estimator.classes_)


def test_many_sequences_are_read_in_batches_of_bounded_size(both, monkeypatch):
    _, model = both(text_classifier)
    whole = model.predict_proba(TEXTS)
    monkeypatch.setattr("ostinato.runtime._sequence_model._AT_A_TIME", 1)
    np.testing.assert_array_equal(model.predict_proba(TEXTS), whole)


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (["a", ""], "sequences of length 0: sequence 2"),
        ([[1.0]], "the inputs are vectors and the model was trained on text"),
        ("abc", "must be a list of sequences"),
        ([], "X is empty"),
    ],
    ids=["empty-text", "numbers", "text", "none"],
)
def test_inputs_unlike_those_of_training(both, X, message):
    with pytest.raises(InputError, match=message):
        both(text_classifier)[1].predict(X)
