import numpy as np
import pytest

from ostinato import InputError
from ostinato.data import Examples, condition_examples, conditions_from_json, conditions_of
from ostinato.data._conditions import ClassConditions, NumberConditions


def learned(X):
    examples = condition_examples(X)
    return conditions_of(examples).learn(examples)


def test_each_string_is_a_class():
    conditions = learned(["b c", "a", "b c"])
    assert conditions.size == 2
    assert conditions.encode(condition_examples(["a", "b c"])).tolist() == [0, 1]


def test_strings_never_seen_are_told_with_those_that_were():
    examples = Examples(["a", "x", "y"], "text", place="row {}".format)
    with pytest.raises(
        InputError, match=r"never seen in training: 'x' \(row 1\); 'y' \(row 2\); there are a, b"
    ):
        learned(["a", "b"]).encode(examples)


def test_numbers_are_scaled():
    conditions = learned([[1.0, 10.0], [3.0, 30.0]])
    np.testing.assert_allclose(conditions.encode(condition_examples([[1, 30]])), [[-1, 1]])


def test_a_gap_is_marked_where_training_had_some():
    conditions = learned([[1.0, np.nan], [3.0, 30.0]])
    assert conditions.size == 3
    assert conditions.encode(condition_examples([[2.0, np.nan]])).tolist() == [[0, 0, 1]]


def test_other_columns_than_in_training():
    with pytest.raises(InputError, match="have 2 numbers each and those of training had 1"):
        learned([1.0, 2.0]).encode(condition_examples([[1.0, 2.0]]))


def test_a_sequence_is_no_condition():
    with pytest.raises(InputError, match=r"sequence 2: .* one vector \(D,\), not an array \(2, 2\)"):
        learned([np.ones((1, 2)), np.ones((2, 2))])


@pytest.mark.parametrize(
    ("X", "message"),
    [
        ("a", "X must be a list"),
        (3.0, "X must be a list"),
        ([], "there are no sequences"),
        ([1.0, "a"], "sequence 2 is text and sequence 1 is vectors"),
        ([["a", "b"]], "cannot be asked for tokens: give it strings, numbers or vectors"),
        ([1.0, np.inf], "sequence 2 has the value inf"),
        ([[1.0], [1.0, 2.0]], "sequence 2 has 2 columns and sequence 1 has 1"),
        ([None], "sequence 1 is a NoneType"),
        ([1j], "complex"),
    ],
    ids=["string", "number", "empty", "mixed", "tokens", "infinite", "ragged", "none", "complex"],
)
def test_what_cannot_be_asked_for(X, message):
    with pytest.raises(InputError, match=message):
        condition_examples(X)


@pytest.mark.parametrize("X", [["b", "a"], [1.0, 3.0], [[1.0, np.nan]]], ids=["strings", "numbers", "gaps"])
def test_json(X):
    conditions = learned(X)
    again = conditions_from_json(conditions.to_json())
    assert type(again) is type(conditions)
    examples = condition_examples(X)
    np.testing.assert_array_equal(again.encode(examples), conditions.encode(examples))


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {},
        {"kind": "other"},
        {"kind": []},
        {"kind": ClassConditions.kind},
        {"kind": ClassConditions.kind, "labels": {"type": "i", "labels": [1, 2]}},
        {"kind": NumberConditions.kind, "scaler": {"mean": [0], "scale": [0], "gaps": [False]}},
    ],
    ids=["null", "list", "empty", "other", "no-string", "no-labels", "numbers-as-labels", "no-scale"],
)
def test_damaged_json(value):
    with pytest.raises(InputError):
        conditions_from_json(value)
