"""What scikit-learn asks of its estimators, and what it does with ours."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas
import polars
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import (
    check_class_weight_classifiers,
    check_regressors_train,
    estimator_checks_generator,
)

from ostinato import Classifier, Regressor

from .rising import LABELS, NUMBERS, RISING, SUMS, TEXTS, TINY

ANY_LENGTH = (
    "a row of numbers is a sequence, and the next one may be longer: there is no fixed n_features_in_"
)
FLOAT32 = "compares to 1e-7; one float32 and the next differ by as much: here it is compared to 1e-5"
SKIPPED = {
    "check_n_features_in": ANY_LENGTH,
    "check_n_features_in_after_fitting": ANY_LENGTH,
    "check_classifiers_train": f"its last demand is that X.T be refused; {ANY_LENGTH}",
    "check_class_weight_classifiers": "needs more epochs; done below",
    "check_regressors_train": "needs more epochs; done below",
    "check_methods_subset_invariance": FLOAT32,
    "check_methods_sample_order_invariance": FLOAT32,
    "check_array_api_input": "numpy arrays only",
}


def checks(estimator: Any) -> list[Any]:
    return [
        pytest.param(check, id=f"{type(estimator).__name__}-{number}-{name_of(check)}")
        for number, (_, check) in enumerate(estimator_checks_generator(estimator))
        if name_of(check) not in SKIPPED
    ]


def name_of(check: Any) -> str:
    return getattr(check, "func", check).__name__


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("check", checks(Classifier(**TINY)))
def test_classifier(check: Callable[[Any], None]) -> None:
    check(Classifier(**TINY))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("check", checks(Regressor(**TINY)))
def test_regressor(check: Callable[[Any], None]) -> None:
    check(Regressor(**TINY))


@pytest.mark.filterwarnings("ignore")
def test_a_regressor_that_is_given_time() -> None:
    learned = {"hidden_size": 16, "epochs": 100, "patience": 100, "pooling": "attention", "dropout": 0.0}
    check_regressors_train("Regressor", Regressor(**{**TINY, **learned}))


@pytest.mark.filterwarnings("ignore")
def test_class_weights_given_time() -> None:
    check_class_weight_classifiers("Classifier", Classifier(**{**TINY, "epochs": 10}))


QUICK = {**TINY, "hidden_size": 8, "epochs": 10}

INPUTS = {
    "texts": TEXTS,
    "text-array": np.array(TEXTS),
    "text-pandas": pandas.Series(TEXTS),
    "text-polars": polars.Series(TEXTS),
    "text-frame": pandas.DataFrame({"text": TEXTS}),
    "tokens": [list(text) for text in TEXTS],
    "arrays": NUMBERS,
    "object-array": np.array([*NUMBERS, None], object)[:-1],
    "pandas": pandas.Series(NUMBERS),
    "polars": polars.Series([numbers.tolist() for numbers in NUMBERS]),
    "2d": np.stack([numbers[:3] for numbers in NUMBERS]),
    "3d": np.stack([numbers[:3, None] for numbers in NUMBERS]),
    "frame": pandas.DataFrame(np.stack([numbers[:3] for numbers in NUMBERS])),
    "polars-frame": polars.DataFrame(np.stack([numbers[:3] for numbers in NUMBERS])),
}


@pytest.mark.parametrize("X", INPUTS.values(), ids=INPUTS)
def test_a_classifier_learns_from_whatever_holds_sequences(X):
    classifier = Classifier(**QUICK).fit(X, LABELS)
    assert classifier.predict(X).shape == (40,)
    assert classifier.predict_proba(X).shape == (40, 2)
    assert classifier.score(X, LABELS) > 0.9


@pytest.mark.parametrize(
    "y",
    [
        LABELS,
        np.array(LABELS),
        np.array(LABELS, object),
        pandas.Series(LABELS, index=range(40, 80)),
        polars.Series(LABELS),
        pandas.Series(LABELS, dtype="category"),
        RISING,
        RISING.astype(np.int64),
        RISING.tolist(),
        RISING.astype(float),
    ],
    ids=["list", "array", "objects", "pandas", "polars", "category", "bools", "ints", "bool-list", "floats"],
)
def test_classes_keep_their_type(y):
    classifier = Classifier(**{**QUICK, "epochs": 3}).fit(NUMBERS, y)
    expected = np.unique(np.asarray(list(y)))
    assert classifier.classes_.dtype.kind == expected.dtype.kind
    assert classifier.classes_.tolist() == expected.tolist()
    assert classifier.predict(NUMBERS).dtype == classifier.classes_.dtype
    assert classifier.score(NUMBERS, list(y)) > 0.6


@pytest.mark.parametrize(
    "y",
    [SUMS, np.array(SUMS), pandas.Series(SUMS), polars.Series(SUMS), np.round(SUMS).astype(int)],
    ids=["list", "array", "pandas", "polars", "ints"],
)
def test_a_regressor_learns_from_whatever_holds_numbers(y):
    regressor = Regressor(**{**QUICK, "dropout": 0.0}).fit(NUMBERS, y)
    assert regressor.predict(NUMBERS).shape == (40,)
    assert regressor.score(NUMBERS, y) > 0.7


@pytest.mark.parametrize(
    "y", [np.stack([SUMS, SUMS], 1), pandas.DataFrame({"a": SUMS, "b": SUMS})], ids=["2d", "frame"]
)
def test_several_numbers_for_each_sequence(y):
    regressor = Regressor(**{**QUICK, "dropout": 0.0}).fit(NUMBERS, y)
    assert regressor.predict(NUMBERS).shape == (40, 2)
    assert regressor.score(NUMBERS, y) > 0.7


def test_cross_validation():
    assert cross_val_score(Classifier(**QUICK), NUMBERS, LABELS, cv=2).min() > 0.8
    assert cross_val_score(Regressor(**QUICK), TEXTS, SUMS, cv=2).shape == (2,)
    shares = cross_val_predict(Classifier(**QUICK), TEXTS, LABELS, cv=2, method="predict_proba")
    assert shares.shape == (40, 2)


def test_grid_search_refits_the_best():
    grid = GridSearchCV(Classifier(**QUICK), {"cell": ["rnn", "gru"], "hidden_size": [2, 8]}, cv=2)
    grid.fit(NUMBERS, LABELS)
    assert len(grid.cv_results_["params"]) == 4
    assert grid.best_estimator_.get_params().items() >= grid.best_params_.items()
    assert grid.predict(NUMBERS[:3]).shape == (3,)


@pytest.mark.parametrize(
    ("step", "X"),
    [
        (lambda texts: [text.upper() for text in texts], TEXTS),
        (lambda arrays: [np.diff(array, prepend=0) for array in arrays], NUMBERS),
        (np.cumsum, INPUTS["2d"]),
    ],
    ids=["texts", "arrays", "2d"],
)
def test_the_last_step_of_a_pipeline(step, X):
    if X is INPUTS["2d"]:
        transformer = FunctionTransformer(step, kw_args={"axis": 1})
    else:
        transformer = FunctionTransformer(step)
    pipeline = make_pipeline(transformer, Classifier(**QUICK))
    assert pipeline.fit(X, LABELS).score(X, LABELS) > 0.9
    assert pipeline.predict_proba(X).shape == (40, 2)


@pytest.mark.parametrize("kind", [Classifier, Regressor])
def test_parameters_come_back_and_a_clone_has_learned_nothing(kind):
    parameters = kind().get_params()
    assert kind(**parameters).get_params() == parameters
    fitted = kind(**QUICK).fit(NUMBERS, LABELS if kind is Classifier else SUMS)
    twin = clone(fitted)
    assert twin.get_params() == fitted.get_params()
    with pytest.raises(NotFittedError, match=f"this {kind.__name__} has learned nothing yet: call fit, or"):
        twin.predict(NUMBERS)


def test_an_unfitted_classifier_has_no_classes():
    with pytest.raises(NotFittedError):
        _ = Classifier().classes_


@pytest.mark.parametrize(("kind", "y"), [(Classifier, LABELS), (Regressor, SUMS)])
def test_fitting_again_gives_the_same_model_to_the_bit(kind, y):
    model = kind(**QUICK)
    first = model.fit(NUMBERS, y).network_.state_dict()
    again = model.fit(NUMBERS, y).network_.state_dict()
    assert all((first[name] == again[name]).all() for name in first)
    other = kind(**QUICK, seed=1).fit(NUMBERS, y).network_.state_dict()
    assert not all((first[name] == other[name]).all() for name in first)
