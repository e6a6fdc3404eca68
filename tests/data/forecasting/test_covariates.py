"""Covariates as a network reads them."""

import numpy as np
import pytest

from ostinato import InputError
from ostinato.data.forecasting._covariates import Covariates

NAN = np.nan
TWO = Covariates.learn(["a", "b"], [np.array([[0.0, 5.0], [2.0, NAN]]), np.array([[4.0, 5.0]])])
NONE = Covariates.learn([], [np.empty((3, 0))])


def test_one_scale_for_all_series_and_gaps_are_told():
    transformed = TWO.transform(np.array([[2.0, 5.0], [4.0, NAN]]))
    np.testing.assert_allclose(transformed, [[0, 0, 0], [1.2247449, 0, 1]])
    assert TWO.features == 3


def test_none():
    assert NONE.features == 0
    assert NONE.transform(np.empty((7, 0))).shape == (7, 0)
    NONE.check((), "known")


@pytest.mark.parametrize("covariates", [TWO, NONE], ids=["two", "none"])
def test_json(covariates):
    again = Covariates.from_json(covariates.to_json())
    assert again.names == covariates.names
    columns = np.ones((2, len(again.names)))
    np.testing.assert_array_equal(again.transform(columns), covariates.transform(columns))


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("a",), "known covariates that the model was trained with are missing: 'b'"),
        (("a", "b", "c"), "without the known covariate 'c'"),
        (("b", "a"), "another order than in training: give them as a, b"),
    ],
    ids=["missing", "unknown", "order"],
)
def test_others(names, message):
    with pytest.raises(InputError, match=message):
        TWO.check(names, "known")


@pytest.mark.parametrize(
    "value",
    [
        None,
        {"names": "ab", "scaler": None},
        {"names": ["a"], "scaler": None},
        {"names": [], "scaler": {}},
        {**TWO.to_json(), "names": ["a"]},
        {**TWO.to_json(), "names": ["a", 1]},
    ],
    ids=str,
)
def test_anything_else(value):
    with pytest.raises(InputError):
        Covariates.from_json(value)
