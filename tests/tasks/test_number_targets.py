import json
import math

import numpy as np
import pytest
import torch
from sklearn.metrics import mean_absolute_error, mean_squared_error, r2_score

from ostinato._errors import InputError
from ostinato.data import Examples
from ostinato.tasks._number_targets import NumberTargets

rng = np.random.default_rng(0)
SINGLE = rng.normal(5, 3, 20)
SEVERAL = rng.normal([5, -100], [3, 40], (20, 2))


def examples(y):
    return Examples.of(["t"] * len(y), y)


@pytest.mark.parametrize(
    ("y", "outputs"), [(SINGLE, 1), (SINGLE[:, None], 1), (SEVERAL, 2)], ids=["single", "column", "several"]
)
def test_targets_come_back_in_their_shape(y, outputs):
    targets = NumberTargets.learn(examples(y))
    encoded = targets.encode(examples(y))
    assert (targets.outputs, encoded.shape, encoded.dtype) == (outputs, (20, outputs), np.float32)
    np.testing.assert_allclose(encoded.mean(0), 0, atol=1e-6)
    np.testing.assert_allclose(encoded.std(0), 1, atol=1e-6)
    np.testing.assert_allclose(targets.restore(encoded), y, rtol=1e-5)


@pytest.mark.parametrize("y", [SINGLE, SEVERAL], ids=["single", "several"])
def test_the_figures_are_those_of_scikit_learn(y):
    targets = NumberTargets.learn(examples(y))
    outputs = rng.normal(size=(20, targets.outputs)).astype(np.float32)
    figures = targets.figures(outputs, targets.encode(examples(y)))
    predicted = targets.restore(outputs)
    errors = mean_squared_error(y, predicted, multioutput="raw_values")
    assert figures["mae"] == pytest.approx(mean_absolute_error(y, predicted), rel=1e-5)
    assert figures["rmse"] == pytest.approx(np.sqrt(errors).mean(), rel=1e-5)
    assert figures["r2"] == pytest.approx(r2_score(y, predicted), rel=1e-5)


def test_the_loss_of_training_is_the_loss_that_is_told():
    targets = NumberTargets.learn(examples(SEVERAL))
    outputs, truth = np.ones((20, 2), np.float32), targets.encode(examples(SEVERAL))
    loss = targets.loss(torch.nn.Identity(), torch.tensor(outputs), torch.tensor(truth), torch.ones(20))
    assert loss.item() == pytest.approx(targets.figures(outputs, truth)["loss"])


@pytest.mark.parametrize("y", [[3.0, 3.0, 3.0], [7]], ids=["constant", "one"])
def test_targets_that_do_not_vary(y):
    targets = NumberTargets.learn(examples(y))
    truth = targets.encode(examples(y))
    assert not truth.any()
    assert targets.figures(np.zeros_like(truth), truth) == {"loss": 0, "mae": 0, "rmse": 0, "r2": 0}


COMPLAINTS = {
    "nan": ([1.0, math.nan], "targets that are missing or infinite cannot be learned from: sequence 2: nan"),
    "none": ([1.0, None], "sequence 2: None"),
    "infinite": ([-math.inf, 1.0], "sequence 1: -inf"),
    "huge": ([1.0, 1e200], "sequence 2: 1e"),
    "endless": ([1.0, 10**400], "targets must be numbers, .*: sequence 2: 1000"),
    "text": ([1.0, "x"], "targets must be numbers, equally many for each sequence: sequence 2: 'x'"),
    "ragged": ([[1, 2], [3]], "targets must be numbers, equally many for each sequence: sequence 1"),
    "deep": (np.zeros((2, 2, 2)), r"targets must be \(n,\) or \(n, K\), not \(2, 2, 2\)"),
    "nothing": (np.zeros((2, 0)), r"targets must be \(n,\) or \(n, K\)"),
}


@pytest.mark.parametrize(("y", "words"), COMPLAINTS.values(), ids=COMPLAINTS)
def test_complaints(y, words):
    with pytest.raises(InputError, match=words) as caught:
        NumberTargets.learn(examples(y))
    assert "\n" not in str(caught.value)


def test_no_targets():
    with pytest.raises(InputError, match="requires y to be passed, but the target y is None"):
        NumberTargets.learn(Examples.of(["a"]))


def test_another_count_than_in_training():
    with pytest.raises(InputError, match="targets have 1 numbers each; the model was trained with 2"):
        NumberTargets.learn(examples(SEVERAL)).encode(examples(SINGLE))


def test_targets_far_from_those_of_training():
    with pytest.raises(InputError, match=r"too far from those of training .*: sequence 2: \[1e\+99\]"):
        NumberTargets.learn(examples(SINGLE)).encode(examples([1.0, 1e99]))


@pytest.mark.parametrize("y", [SINGLE, SINGLE[:, None], SEVERAL], ids=["single", "column", "several"])
def test_json_round_trip(y):
    targets = NumberTargets.learn(examples(y))
    again = NumberTargets.from_json(json.loads(json.dumps(targets.to_json())))
    outputs = np.ones((3, targets.outputs))
    np.testing.assert_array_equal(again.restore(outputs), targets.restore(outputs))


ONE = {"mean": [0.0], "scale": [1.0], "gaps": [False]}
TWO = {"mean": [0.0] * 2, "scale": [1.0] * 2, "gaps": [False] * 2}


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {},
        {"scaler": ONE},
        {"scaler": ONE, "single": 1},
        {"scaler": TWO, "single": True},
        {"single": True},
    ],
    ids=str,
)
def test_a_stranger_s_json(value):
    with pytest.raises(InputError):
        NumberTargets.from_json(value)
