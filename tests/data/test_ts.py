import numpy as np
import pytest

from ostinato._errors import InputError
from ostinato.data import read_examples

HEADER = "#comment\n@problemName p\n@timeStamps false\n@classLabel true a b\n@data\n"


@pytest.fixture
def write(tmp_path):
    def written(content: str):
        path = tmp_path / "p.ts"
        path.write_text(content)
        return path

    return written


def test_series_of_unequal_lengths_with_gaps(write):
    path = write(HEADER + "1,2,3:4,?,6:a\n\n7,NaN:-1e3, 8 : b \n")
    examples = read_examples(path, task="classify")
    assert (examples.kind, examples.targets, examples.origin) == ("vectors", ["a", "b"], {"format": "ts"})
    np.testing.assert_array_equal(examples.inputs[0], np.float32([[1, 4], [2, np.nan], [3, 6]]))
    np.testing.assert_array_equal(examples.inputs[1], np.float32([[7, -1000], [np.nan, 8]]))
    assert all(series.dtype == np.float32 for series in examples.inputs)
    assert examples.place(1) == f"{path}, line 8"


def test_targets_to_regress(write):
    path = write("@univariate true\n@targetLabel true\n@data\n1,2:0.5\n3:7\n")
    assert read_examples(path, task="regress").targets == [0.5, 7.0]


def test_without_targets_labels_do_not_matter(write):
    assert read_examples(write(HEADER + "1,2:other\n"), task="classify", targets=False).targets is None
    unlabelled = write("@classLabel false\n@data\n1,2:3,4\n")
    assert read_examples(unlabelled, task="classify", targets=False).inputs[0].shape == (2, 2)


@pytest.mark.parametrize("mark", ["#", "%", "%#"])
def test_comments(write, mark):
    path = write(f"{mark} about it\n{HEADER}1,2:a\n{mark} more\n3,4:b\n")
    assert read_examples(path, task="classify").targets == ["a", "b"]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "is empty"),
        ("a,b\n1,2\n", "line 1: 'a,b' stands before @data"),
        ("@classLabel true a\n", "has no line @data"),
        (HEADER, "has no series below @data"),
        (HEADER.replace("@timeStamps false", "@timeStamps true") + "(1,2):a\n", "has time stamps"),
        (HEADER + "1,2:3,4:a\n1,2:b\n", "line 7 has 1 dimensions, not 2"),
        ("@dimensions 3\n" + HEADER + "1,2:3,4:a\n", "line 7 has 2 dimensions, not 3"),
        ("@univariate true\n" + HEADER + "1,2:3,4:a\n", "line 7 has 2 dimensions, not 1"),
        ("@dimensions x\n" + HEADER + "1:a\n", "@dimensions is 'x'"),
        ("@dimensions 0\n" + HEADER + "1:a\n", "@dimensions is '0'"),
        (HEADER + "a\n", "line 6 has 0 dimensions, not 1"),
        (HEADER + "1,2:3,4,5:a\n", r"line 6 has dimensions of different lengths: \[2, 3\]"),
        (HEADER + "1,x:a\n", "line 6: 'x' is not a number"),
        (HEADER + "1,:a\n", "line 6: '' is not a number"),
        (HEADER + ":a\n", "line 6 has a dimension without values"),
        (HEADER + "1,inf:a\n", "line 6: 'inf' is infinite"),
        (HEADER + "1,1e39:a\n", "line 6: '1e39' is infinite or too large"),
        (HEADER + "1,2:c\n", "line 6: @classLabel does not list 'c', only a, b"),
        (HEADER.replace("true", "false") + "1,2\n", "has no labels"),
        (HEADER.replace(" a b", "") + "1,2:\n", "line 6 has no label"),
        ("@targetLabel true\n@data\n1,2:3\n", "the labels are numbers; regress them"),
    ],
)
def test_one_line_says_what_is_wrong(write, content, complaint):
    path = write(content)
    with pytest.raises(InputError, match=complaint) as caught:
        read_examples(path, task="classify")
    assert str(caught.value).startswith(str(path)) and "\n" not in str(caught.value)


@pytest.mark.parametrize(("word", "complaint"), [("?", "has no target"), ("a", "'a' is not a number")])
def test_a_target_that_is_no_number(write, word, complaint):
    with pytest.raises(InputError, match=f"line 3.*{complaint}"):
        read_examples(write(f"@targetLabel true\n@data\n1,2:{word}\n"), task="regress")


@pytest.mark.parametrize(
    ("task", "complaint"),
    [("regress", "the labels are classes; classify them"), ("tag", "classify or regress")],
)
def test_another_task(write, task, complaint):
    with pytest.raises(InputError, match=complaint):
        read_examples(write(HEADER + "1:a\n"), task=task)
