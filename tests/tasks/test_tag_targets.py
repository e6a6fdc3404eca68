"""TagTargets: what a user says of steps, as numbers; and every complaint about it."""

import unicodedata
from pathlib import Path

import numpy as np
import pytest

from ostinato import InputError
from ostinato.data import Examples, Segment
from ostinato.tasks._tag_targets import TagTargets

FILES = [Path("a.wav"), Path("b.wav")]
SEGMENTS = [[Segment(0.0, 0.2, "hum"), (0.3, 0.5, "hiss")], []]


def encoded(X, y, lengths=None, seconds=None, learned=None):
    examples = Examples.of(X, y)
    targets = TagTargets.learn(examples if learned is None else Examples.of(*learned), "nothing")
    lengths = np.array([len(x) for x in X] if lengths is None else lengths)
    return targets, [tags.tolist() for tags in targets.encode(examples, lengths, seconds)]


@pytest.mark.parametrize(
    ("X", "y"),
    [
        pytest.param(["abc", "d"], ["010", "1"], id="a-string-for-a-text"),
        pytest.param(["abc", "d"], [["0", "1", "0"], ["1"]], id="lists"),
        pytest.param(["abc", "d"], [np.array(["0", "1", "0"]), np.array(["1"])], id="arrays-of-strings"),
        pytest.param([["x", "y", "z"], ["x"]], [[0, 1, 0], [1]], id="numbers-for-tokens"),
        pytest.param([np.zeros((3, 2)), np.ones((1, 2))], [np.array([0, 1, 0]), np.array([1])], id="arrays"),
    ],
)
def test_aligned_labels_become_numbers(X, y):
    targets, rows = encoded(X, y)
    assert rows == [[0, 1, 0], [1]]
    assert targets.outputs == 2


def test_segments_are_the_labels_of_the_steps_whose_middles_they_hold():
    targets, rows = encoded(FILES, SEGMENTS, [6, 2], 0.1)
    assert targets.labels.classes.tolist() == ["hiss", "hum", "nothing"]
    assert rows == [[1, 1, 2, 0, 0, 2], [2, 2]]


def test_the_last_segment_may_end_where_the_sound_does_and_the_last_window_does_not():
    _, rows = encoded(FILES[:1], [[(0.0, 1.0, "hum")]], [98], 0.01)
    assert rows == [[0] * 98]


def test_recordings_may_have_a_label_for_each_step():
    _, rows = encoded(FILES, [["u", "v"], ["v"]], [2, 1], 0.1)
    assert rows == [[0, 1], [1]]


@pytest.mark.parametrize(
    ("X", "y", "complaint"),
    [
        pytest.param(
            ["abc", "de"],
            ["010", "011"],
            "sequence 2: 3 labels for 2 steps; give each step one label",
            id="count",
        ),
        pytest.param(["ab"], None, "y cannot be None", id="no-targets"),
        pytest.param(["ab"], [7], "sequence 1: 7 is no list of labels", id="a-number"),
        pytest.param([["a", "b"]], ["NV"], "sequence 1: 'NV' is no list of labels", id="a-string-for-tokens"),
        pytest.param(["ab"], [["x", None]], "sequence 1, step 2: None is no label", id="missing"),
        pytest.param(["ab"], [[(0, 1, "x")]], "only recordings have segments", id="segments-of-a-text"),
    ],
)
def test_complaints_name_the_place(X, y, complaint):
    with pytest.raises(InputError) as caught:
        encoded(X, y)
    assert complaint in str(caught.value)


def test_labels_that_training_never_saw_are_all_listed():
    with pytest.raises(InputError) as caught:
        encoded(["ab", "cd"], ["02", "13"], learned=(["ab"], ["01"]))
    assert "sequence 1, step 2: '2'; sequence 2, step 2: '3'" in str(caught.value)
    assert "(0, 1)" in str(caught.value)


def test_a_text_that_composes_is_told_apart_from_a_miscount():
    text = unicodedata.normalize("NFD", "한국")
    with pytest.raises(InputError) as caught:
        encoded([text], ["0" * len(text)], [2])
    assert f"sequence 1: {len(text)} labels for 2 steps" in str(caught.value)
    assert "unicodedata.normalize('NFC', text)" in str(caught.value)


def test_a_segment_past_the_end_is_named():
    with pytest.raises(InputError, match=r"sequence 1: the segment \[0.0, 3.0, 'hum'\] ends after"):
        encoded(FILES[:1], [[(0.0, 3.0, "hum")]], [20], 0.1)


def test_one_label_cannot_be_learned():
    targets, _ = encoded(["ab"], ["00"])
    with pytest.raises(InputError, match="all 2 training steps have one label, '0'"):
        targets.weighted(np.zeros(2, np.int64), None)


def test_balanced_weights_make_up_for_how_often_labels_occur():
    targets, _ = encoded(["abcd"], ["0001"])
    weighted = targets.weighted(np.array([0, 0, 0, 1]), "balanced")
    np.testing.assert_allclose(weighted.weights, [2 / 3, 2.0])


def test_json_and_back():
    targets, _ = encoded(FILES, SEGMENTS, [6, 2], 0.1)
    again = TagTargets.from_json(targets.to_json())
    assert again.to_json() == targets.to_json()
    assert again.background == "nothing"


@pytest.mark.parametrize("damage", [{"background": 3}, {"labels": None}, {"labels": {"type": "U"}}], ids=str)
def test_a_strangers_json_is_refused(damage):
    value = encoded(["ab"], ["01"])[0].to_json()
    with pytest.raises(InputError):
        TagTargets.from_json({**value, **damage})
