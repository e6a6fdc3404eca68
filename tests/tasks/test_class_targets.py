import json
import math

import numpy as np
import pytest
import torch
from sklearn.exceptions import DataConversionWarning
from sklearn.metrics import log_loss

from ostinato._errors import InputError, ParameterError
from ostinato.data import Examples
from ostinato.tasks._class_targets import ClassTargets, labelled

EXAMPLES = Examples.of(["t"] * 6, ["b", "a", "b", "c", "b", "a"])
LOGITS = np.random.default_rng(0).normal(size=(6, 3)).astype(np.float32)


def learned(y, **options):
    return ClassTargets.learn(labelled(Examples.of(["t"] * len(y), y)), **options)


def test_labels_become_their_numbers():
    targets = ClassTargets.learn(EXAMPLES)
    assert targets.outputs == 3
    assert targets.encode(EXAMPLES).tolist() == [1, 0, 1, 2, 1, 0]


def test_the_figures_are_those_of_scikit_learn():
    targets = ClassTargets.learn(EXAMPLES)
    truth = targets.encode(EXAMPLES)
    figures = targets.figures(LOGITS, truth)
    shares = torch.from_numpy(LOGITS).double().softmax(1).numpy()
    assert figures["loss"] == pytest.approx(log_loss(truth, shares))
    assert figures["accuracy"] == pytest.approx((LOGITS.argmax(1) == truth).mean())
    assert figures.keys() == {"loss", "accuracy", "macro_f1"}


@pytest.mark.parametrize("weight", [None, "balanced", {"a": 5.0, "c": 0.1}], ids=repr)
def test_the_loss_of_training_is_the_loss_that_is_told(weight):
    targets = ClassTargets.learn(EXAMPLES, weight)
    truth = targets.encode(EXAMPLES)
    loss = targets.loss(torch.nn.Identity(), torch.tensor(LOGITS), torch.tensor(truth), torch.ones(6))
    assert loss.item() == pytest.approx(targets.figures(LOGITS, truth)["loss"], rel=1e-6)


def test_a_gradient_reaches_the_logits_through_a_smoothed_loss():
    targets = ClassTargets.learn(EXAMPLES, "balanced", 0.2)
    logits = torch.tensor(LOGITS, requires_grad=True)
    truth = torch.tensor(targets.encode(EXAMPLES))
    targets.loss(torch.nn.Identity(), logits, truth, torch.ones(6)).backward()
    assert logits.grad.isfinite().all()
    assert logits.grad.abs().min() > 0


@pytest.mark.parametrize(
    ("weight", "expected"),
    [
        (None, None),
        ("balanced", [1, 2 / 3, 2]),
        ({"a": 5}, [5, 1, 1]),
        ([("a", 5), ["c", 2]], [5, 1, 2]),
        ({}, [1, 1, 1]),
    ],
    ids=repr,
)
def test_class_weights(weight, expected):
    weights = ClassTargets.learn(EXAMPLES, weight).weights
    assert (None if weights is None else weights.tolist()) == (expected and pytest.approx(expected))


def test_weights_of_numbers_find_their_class_whatever_their_type():
    assert learned([1, 2, 2], class_weight={np.int64(2): 3.0}).weights.tolist() == [1, 3]
    assert learned([True, False], class_weight={True: 3.0}).weights.tolist() == [1, 3]


@pytest.mark.parametrize(
    "weight",
    [
        "heavy",
        7,
        {"x": 1.0},
        {"a": 0},
        {"a": -1},
        {"a": math.nan},
        {"a": math.inf},
        {"a": "1"},
        {(1,): 1.0},
        [1],
    ],
    ids=repr,
)
def test_what_is_no_class_weight(weight):
    with pytest.raises(ParameterError, match=r"^class_weight "):
        ClassTargets.learn(EXAMPLES, weight)


COMPLAINTS = {
    "one-class": (["a", "a"], "all 2 training sequences are of one class, a: two or more are needed"),
    "none": (["a", None], "classes must be strings or numbers, and none may be missing: sequence 2: None"),
    "nan": ([1.0, math.nan], "sequence 2: nan"),
    "list": ([[1], [2]], r"sequence 1: \[1\]; sequence 2: \[2\]"),
    "mapping": ([{}, {}], "sequence 1: {}"),
    "mixed": (["a", 1], "labels mix strings and numbers"),
    "continuous": ([0.5, 1.0], "Unknown label type: continuous. y has the value 0.5"),
    "infinite": ([math.inf, 1.0], "labels must be"),
    "two-columns": (np.ones((2, 2)), "sequence 1: array"),
}


@pytest.mark.parametrize(("y", "words"), COMPLAINTS.values(), ids=COMPLAINTS)
def test_complaints(y, words):
    with pytest.raises(InputError, match=words) as caught:
        learned(y)
    assert "\n" not in str(caught.value)


def test_no_targets():
    with pytest.raises(InputError, match="requires y to be passed, but the target y is None"):
        ClassTargets.learn(Examples.of(["a"]))


def test_a_column_is_flattened_with_scikit_learn_s_warning():
    with pytest.warns(
        DataConversionWarning, match="A column-vector y was passed when a 1d array was expected"
    ):
        assert labelled(Examples.of(["a", "b"], np.array([["x"], ["y"]]))).targets == ["x", "y"]


def test_by_class():
    targets = ClassTargets.learn(EXAMPLES)
    details = targets.by_class(np.eye(3)[[1, 0, 1, 2, 0, 0]], targets.encode(EXAMPLES))
    assert details["confusion"] == [[2, 0, 0], [1, 2, 0], [0, 0, 1]]
    assert [row["class"] for row in details["classes"]] == ["a", "b", "c"]
    assert details["classes"][1] == {
        "class": "b",
        "precision": 1.0,
        "recall": pytest.approx(2 / 3),
        "f1": pytest.approx(0.8),
        "examples": 3,
    }
    assert json.loads(json.dumps(details)) == details


@pytest.mark.parametrize("weight", [None, {"a": 1e-9, "b": 0.1}], ids=repr)
def test_json_round_trip(weight):
    targets = ClassTargets.learn(EXAMPLES, weight)
    again = ClassTargets.from_json(json.loads(json.dumps(targets.to_json())))
    assert again.to_json() == targets.to_json()
    truth = targets.encode(EXAMPLES)
    assert again.figures(LOGITS, truth) == targets.figures(LOGITS, truth)


LABELS = {"type": "U", "labels": ["a", "b"]}


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {},
        {"labels": {"type": "U", "labels": ["a"]}},
        {"labels": LABELS, "weights": [1.0]},
        {"labels": LABELS, "weights": 7},
        {"labels": LABELS, "weights": [1.0, 0.0]},
        {"labels": LABELS, "weights": [1.0, math.nan]},
        {"labels": LABELS, "weights": [1.0, "x"]},
        {"labels": LABELS, "weights": [1.0, 10**400]},
    ],
    ids=lambda value: repr(value)[:70],
)
def test_a_stranger_s_json(value):
    with pytest.raises(InputError):
        ClassTargets.from_json(value)
