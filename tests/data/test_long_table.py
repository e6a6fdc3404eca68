import numpy as np
import pytest

from ostinato._errors import InputError, ParameterError
from ostinato.data import Columns, read_examples

LONG = "who,x,y,label,word\nb,1,2,u,one\na,3,,v,two\nb,5,6,u,three\n"


@pytest.fixture
def write(tmp_path):
    def written(content: str):
        path = tmp_path / "t.csv"
        path.write_text(content)
        return path

    return written


def test_rows_become_sequences_in_order_of_first_appearance(write):
    path = write(LONG)
    examples = read_examples(path, Columns(("x", "y"), "label", id="who"), task="classify")
    assert (examples.kind, examples.targets) == ("vectors", ["u", "v"])
    np.testing.assert_array_equal(examples.inputs[0], np.float32([[1, 2], [5, 6]]))
    np.testing.assert_array_equal(examples.inputs[1], np.float32([[3, np.nan]]))
    assert examples.inputs[0].dtype == np.float32
    assert examples.place(1) == f"{path}, who 'a' (from row 2)"


def test_each_row_has_its_own_tag(write):
    examples = read_examples(write(LONG), Columns(("word",), "label", id="who"), task="tag")
    assert (examples.kind, examples.inputs) == ("tokens", [["one", "three"], ["two"]])
    assert examples.targets == [["u", "u"], ["v"]]


def test_several_numbers_to_regress(write):
    path = write("who,x,y,z\na,1,2,3\nb,4,5,6\na,7,2,3\n")
    assert read_examples(path, Columns(("x",), ("y", "z"), "who"), task="regress").targets == [[2, 3], [5, 6]]


def test_without_targets(write):
    examples = read_examples(write(LONG), Columns(("x",), "absent", "who"), task="classify", targets=False)
    assert (len(examples), examples.targets) == (2, None)


@pytest.mark.parametrize(
    ("columns", "task", "complaint"),
    [
        (
            Columns(("x",), "word", "who"),
            "classify",
            r"who 'b' \(from row 1\) has .* 'one', but in row 3 'three'",
        ),
        (Columns(("x",), "x", "who"), "regress", "has the target 1.0, but in row 3 5.0"),
        (Columns(("x",), "label", "nobody"), "classify", "has no column 'nobody'"),
        (Columns(("x",), "label", "y"), "classify", "nothing in column 'y' in row 2"),
        (Columns(("x", "word"), "label", "who"), "classify", "row 1: 'one' in column 'word' is not a number"),
        (Columns(("x",), "label", "who", "text"), "classify", "with an id, are not for text"),
        (Columns(("x",), "label", "who"), "generate", "with an id, are not to generate"),
    ],
    ids=["labels differ", "numbers differ", "no id", "no id in a row", "words", "text", "generate"],
)
def test_one_line_says_what_is_wrong(write, columns, task, complaint):
    with pytest.raises(InputError, match=complaint):
        read_examples(write(LONG), columns, task=task)


def test_tokens_are_in_one_column(write):
    with pytest.raises(ParameterError, match="input names 2 columns"):
        read_examples(write(LONG), Columns(("x", "word"), "label", "who", "tokens"), task="tag")
