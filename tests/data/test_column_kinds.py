from pathlib import Path

import pytest

from ostinato._errors import InputError, ParameterError
from ostinato.data._column_kinds import input_kind, look_of
from ostinato.data._table import Table


def table(cells) -> Table:
    return Table(Path("t.csv"), {"x": cells}, str)


@pytest.mark.parametrize(
    ("cells", "look"),
    [
        (["a.wav", "sub/b.MP3", ""], "audio"),
        (["a.mp4", "b.mkv"], "video"),
        (["a.wav", "b"], "text"),
        (["1", "", "NA", "2.5"], "numbers"),
        ([1, None, 2.5], "numbers"),
        (["1", "b"], "text"),
        (["[1, 2]", "[[3]]", None], "vectors"),
        ([[1, 2], [[3]]], "vectors"),
        (['["a", "b"]', "[]"], "tokens"),
        ([[], ["a"]], "tokens"),
        (["[CLS] a [SEP]", "b"], "text"),
        ([["a"], "b"], "text"),
        (["", None], "text"),
    ],
    ids=str,
)
def test_the_look_of(cells, look):
    assert look_of(table(cells), "x") == look


def test_audio_beside_video_is_for_the_user_to_say():
    with pytest.raises(ParameterError, match=r"kind is needed: column 'x' of t.csv has files .mp4, .wav"):
        look_of(table(["a.wav", "b.mp4"]), "x")


@pytest.mark.parametrize(
    ("cells", "by_row", "task", "kind"),
    [
        (["a b"], False, "classify", "text"),
        (["a b"], False, "tag", "tokens"),
        (["a"], True, "classify", "tokens"),
        (["1"], True, "classify", "vectors"),
        (["1"], False, "generate", "vectors"),
        (["a.wav"], False, "tag", "audio"),
    ],
    ids=["text", "words to tag", "a token in each row", "a step in each row", "a number", "audio"],
)
def test_the_kind_of_input(cells, by_row, task, kind):
    assert input_kind(table(cells), ["x"], by_row=by_row, task=task) == kind


@pytest.mark.parametrize(
    ("cells", "complaint"),
    [
        (["1", "2", "x"], r"column 'x' are numbers, and 1 of 3 are not: 'x' \(row 3\); correct"),
        (["[1]", "1, 2", "[2]"], r"are lists, and 1 of 3 are not: '1, 2' \(row 2\)"),
        (["a.wav", "", "b.ogg", "c"], r"are recordings, and 1 of 3 are not: 'c' \(row 4\)"),
        ([[1], ["a"], [2]], r"are lists of numbers, and 1 of 3 are not: \['a'\] \(row 2\)"),
    ],
    ids=["numbers", "lists", "recordings", "lists of numbers"],
)
@pytest.mark.parametrize("by_row", [False, True])
def test_a_slip_does_not_make_texts_of_numbers(cells, complaint, by_row):
    with pytest.raises(InputError, match=complaint):
        input_kind(table(cells), ["x"], by_row=by_row, task="classify")


def test_several_columns_are_numbers():
    assert input_kind(table(["a"]), ["x", "x"], by_row=False, task="classify") == "vectors"
