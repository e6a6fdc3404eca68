import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ostinato._errors import InputError
from ostinato.data import Labels

properties = settings(max_examples=100, deadline=None)
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=4)
LABELS = st.one_of(
    *(st.lists(kind, min_size=1) for kind in (TEXTS, st.integers(-(2**63), 2**63 - 1), st.booleans()))
)


@properties
@given(LABELS)
def test_labels_are_sorted_distinct_and_come_back(values):
    labels = Labels.learn(values)
    assert labels.classes.tolist() == sorted(set(values))
    ids = labels.encode(values, [""] * len(values))
    assert labels.decode(ids).tolist() == values


@properties
@given(LABELS)
def test_json_round_trip(values):
    labels = Labels.learn(values)
    again = Labels.from_json(json.loads(json.dumps(labels.to_json())))
    assert again.classes.tolist() == labels.classes.tolist()
    assert again.classes.dtype.kind == labels.classes.dtype.kind


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["b", "a"], "U"),
        (np.array(["b", "a"], object), "U"),
        ([2, 1], "i"),
        (np.array([2, 1], np.uint8), "u"),
        ([True, False], "b"),
        ([2.0, 1.0], "f"),
    ],
    ids=["str", "object", "int", "uint8", "bool", "float"],
)
def test_labels_keep_their_type(values, kind):
    assert Labels.learn(values).classes.dtype.kind == kind


@pytest.mark.parametrize(
    "values",
    [["a", 1], ["a", None], [1, None], [1.0, math.nan], [[1], [2]], [[1, 2], [3]], [{}], ["a", math.nan]],
    ids=str,
)
def test_mixed_or_missing_labels_are_refused(values):
    with pytest.raises(InputError, match=r"^labels m"):
        Labels.learn(values)


def test_a_lone_surrogate_is_refused():
    with pytest.raises(InputError, match="lone surrogate"):
        Labels.learn(["a", "\ud800"])


def test_unseen_labels_are_named_with_their_places_ten_at_most():
    labels = Labels.learn(["a", "b"])
    with pytest.raises(InputError) as caught:
        labels.encode(["a", "c", *["d"] * 12], [f"row {index}" for index in range(14)])
    message = str(caught.value)
    assert message.startswith("labels that were not seen in training (a, b): row 1: 'c'; row 2: 'd'; ")
    assert "row 0" not in message
    assert "and 3 more; add examples" in message


def test_many_labels_are_not_all_shown():
    assert str(Labels.learn(range(100))) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 88 more"


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {},
        {"type": "U", "labels": []},
        {"type": "U", "labels": "ab"},
        {"type": "U", "labels": ["a", "a"]},
        {"type": "U", "labels": ["a", 1]},
        {"type": "U", "labels": ["a", "\ud800"]},
        {"type": "O", "labels": ["a"]},
        {"type": ["U"], "labels": ["a"]},
        {"type": "i", "labels": [10**400]},
        {"type": "i", "labels": [1.5]},
        {"type": "u", "labels": [-1]},
        {"type": "b", "labels": [0, 1]},
        {"type": "f", "labels": [math.nan]},
        {"type": "f", "labels": [math.inf]},
        {"type": "f", "labels": [10**400]},
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_stranger_s_json(value):
    with pytest.raises(InputError, match="labels"):
        Labels.from_json(value)
