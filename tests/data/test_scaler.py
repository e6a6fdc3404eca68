import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from ostinato._errors import InputError
from ostinato.data import Scaler

properties = settings(max_examples=100, deadline=None)
NUMBERS = st.floats(-(2.0**100), 2.0**100, width=32) | st.just(math.nan)
TABLES = arrays(np.float32, array_shapes(min_dims=2, max_dims=2, max_side=6), elements=NUMBERS)
CONFIDENT = {"mean": [1.0, 2.0], "scale": [1.0, 3.0], "gaps": [False, True]}


@properties
@given(TABLES)
def test_whatever_comes_in_what_goes_out_is_finite_and_small(values):
    scaler = Scaler.learn(values)
    scaled = scaler.transform(values)
    assert scaled.dtype == np.float32
    assert scaled.shape == (len(values), scaler.features)
    assert np.isfinite(scaled).all()
    assert (np.abs(scaled) <= 10).all()


@properties
@given(TABLES)
def test_gaps_are_the_mean_and_marked(values):
    scaler = Scaler.learn(values)
    missing = np.isnan(values)
    scaled = scaler.transform(values)
    assert not scaled[:, : scaler.columns][missing].any()
    np.testing.assert_array_equal(scaled[:, scaler.columns :], missing[:, missing.any(0)])


@properties
@given(TABLES)
def test_json_round_trip(values):
    scaler = Scaler.learn(values)
    again = Scaler.from_json(json.loads(json.dumps(scaler.to_json(), allow_nan=False)))
    assert again.to_json() == scaler.to_json()
    np.testing.assert_array_equal(again.transform(values), scaler.transform(values))


@properties
@given(arrays(np.float64, (5, 2), elements=st.floats(-1e6, 1e6)))
def test_restoring_undoes_scaling(values):
    scaler = Scaler.learn(values)
    scaled = (values - scaler.mean) / scaler.scale
    np.testing.assert_allclose(scaler.restore(scaled), values, atol=1e-6)


def test_columns_have_mean_0_and_deviation_1_over_what_is_there():
    values = np.array([[1, 10], [3, np.nan], [5, 30]], np.float32)
    scaled = Scaler.learn(values).transform(values)
    np.testing.assert_allclose(scaled, [[-1.2247, -1, 0], [0, 0, 1], [1.2247, 1, 0]], atol=1e-4)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("value", [0.0, 0.1, 1e9, -1e-9])
def test_a_constant_column_is_nothing(value, dtype):
    scaler = Scaler.learn(np.full((1000, 1), value, dtype))
    assert scaler.scale.tolist() == [1.0]
    assert np.abs(scaler.transform(np.full((2, 1), value, dtype))).max() < 1e-6


def test_small_differences_of_large_doubles_are_no_rounding():
    assert Scaler.learn(np.array([[1.7e9], [1.7e9 + 1]])).scale == pytest.approx(0.5)


def test_a_column_that_is_all_gaps():
    scaler = Scaler.learn(np.full((3, 1), np.nan, np.float32))
    assert scaler.transform(np.array([[5.0], [np.nan]])).tolist() == [[5, 0], [0, 1]]


def test_a_gap_where_training_had_none_passes_for_the_mean():
    scaler = Scaler.learn(np.array([[1.0], [3.0]]))
    assert scaler.transform(np.array([[np.nan]])).tolist() == [[0]]


def test_no_steps():
    assert Scaler.learn(np.ones((1, 2))).transform(np.zeros((0, 2))).shape == (0, 2)


@pytest.mark.parametrize(
    "change",
    [
        {"mean": [1.0]},
        {"mean": []},
        {"mean": None},
        {"mean": [1.0, "2"]},
        {"mean": [1.0, True]},
        {"mean": [1.0, 10**400]},
        {"mean": [1.0, math.nan]},
        {"mean": [math.inf, 1.0]},
        {"scale": [1.0, 0.0]},
        {"scale": [1.0, -1.0]},
        {"scale": [1.0, 1e-308]},
        {"scale": [1.0, 1e200]},
        {"gaps": [0, 1]},
        {"gaps": [True]},
    ],
    ids=str,
)
def test_a_stranger_s_json(change):
    with pytest.raises(InputError, match=r"a scaler"):
        Scaler.from_json({**CONFIDENT, **change})


@pytest.mark.parametrize("value", [None, [], 7, "x", {}])
def test_what_is_no_scaler(value):
    with pytest.raises(InputError, match=r"a scaler"):
        Scaler.from_json(value)
