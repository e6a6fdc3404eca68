from pathlib import Path

import numpy as np
import pandas
import polars
import pytest
import torch

from ostinato._errors import InputError
from ostinato.data import Examples, named

TEXTS = ["ab", "cde"]
RAGGED = [np.array([1.0, 2.0]), np.array([3.0])]


def inputs(X):
    return [item.tolist() if isinstance(item, np.ndarray) else item for item in Examples.of(X).inputs]


@pytest.mark.parametrize(
    "X",
    [
        TEXTS,
        tuple(TEXTS),
        np.array(TEXTS),
        np.array(TEXTS, object),
        np.array(TEXTS)[:, None],
        pandas.Series(TEXTS, index=[5, 3]),
        pandas.Series(TEXTS, dtype="category"),
        polars.Series(TEXTS),
        pandas.DataFrame({"text": TEXTS}),
        polars.DataFrame({"text": TEXTS}),
    ],
    ids=[
        "list",
        "tuple",
        "array",
        "objects",
        "column",
        "pandas",
        "category",
        "polars",
        "pandas-frame",
        "polars-frame",
    ],
)
def test_texts(X):
    examples = Examples.of(X)
    assert examples.kind == "text"
    assert list(examples.inputs) == TEXTS


@pytest.mark.parametrize(
    "X",
    [
        RAGGED,
        [sequence.tolist() for sequence in RAGGED],
        [sequence[:, None] for sequence in RAGGED],
        [pandas.Series(sequence) for sequence in RAGGED],
        [polars.Series(sequence) for sequence in RAGGED],
        [torch.tensor(sequence) for sequence in RAGGED],
        pandas.Series(RAGGED),
        polars.Series([sequence.tolist() for sequence in RAGGED]),
        np.array([*RAGGED, None], object)[:2],
        polars.DataFrame({"x": [sequence.tolist() for sequence in RAGGED]}),
    ],
    ids=[
        "arrays",
        "lists",
        "columns",
        "pandas",
        "polars",
        "tensors",
        "pandas-column",
        "polars-column",
        "objects",
        "polars-frame",
    ],
)
def test_numeric_sequences_of_different_lengths(X):
    examples = Examples.of(X)
    assert examples.kind == "vectors"
    assert inputs(X) == [[[1.0], [2.0]], [[3.0]]]
    assert all(array.dtype == np.float32 for array in examples.inputs)


@pytest.mark.parametrize(
    "X",
    [
        np.arange(6).reshape(2, 3),
        np.arange(6).reshape(2, 3, 1),
        torch.arange(6).reshape(2, 3),
        pandas.DataFrame(np.arange(6).reshape(2, 3)),
        polars.DataFrame(np.arange(6).reshape(2, 3)),
        np.arange(6).reshape(2, 3).astype(object),
    ],
    ids=["2d", "3d", "tensor", "pandas", "polars", "objects"],
)
def test_tables_of_numbers_are_a_sequence_a_row(X):
    assert inputs(X) == [[[0], [1], [2]], [[3], [4], [5]]]


@pytest.mark.parametrize(
    "X", [[["a", "b"], ["c"]], [("a", "b"), ("c",)], polars.Series([["a", "b"], ["c"]])], ids=repr
)
def test_tokens(X):
    assert Examples.of(X).kind == "tokens"
    assert [list(tokens) for tokens in Examples.of(X).inputs] == [["a", "b"], ["c"]]


@pytest.mark.parametrize(("name", "kind"), [("a.WAV", "audio"), ("a.mp4", "video")])
def test_paths(name, kind):
    assert Examples.of([Path(name)]).kind == kind


def test_an_empty_list_is_of_the_kind_of_the_others():
    assert Examples.of([[], ["a"]]).kind == "tokens"
    assert Examples.of([[], [1.0]]).kind == "vectors"


def test_missing_values_are_kept_as_nan():
    array = Examples.of([[1, None, float("nan")]]).inputs[0]
    assert np.isnan(array[:, 0]).tolist() == [False, True, True]


COMPLAINTS = {
    "nothing": ([], "there are no sequences: X is empty (0 samples)"),
    "a-text": ("abc", "X must be a list of sequences, not str"),
    "a-mapping": ({"a": 1}, "not dict"),
    "a-number": (7, "not int"),
    "a-row": (np.arange(3.0), "X has 1 dimension and must have 2 or 3"),
    "too-deep": (np.zeros((2, 2, 2, 2)), "sequence 1 has 3 dimensions"),
    "no-steps": (np.zeros((2, 0)), "0 feature(s) (shape=(2, 0)) while a minimum of 1 is required."),
    "no-columns": ([np.zeros((2, 0))], "sequence 1 has no columns"),
    "numbers": ([1.0, 2.0], "sequence 1 is a float: a sequence must be"),
    "missing-text": (["a", None], "sequence 2 is a NoneType"),
    "nan-text": (pandas.Series(["a", np.nan], dtype=object), "sequence 2 is a float"),
    "kinds": (["a", [1.0]], "sequence 2 is vectors and sequence 1 is text: all must be of one kind"),
    "widths": ([np.zeros((2, 2)), np.zeros((2, 3))], "sequence 2 has 3 columns and sequence 1 has 2"),
    "ragged-rows": ([[[1, 2], [3]]], "sequence 1 is not a numeric sequence"),
    "words-in-numbers": ([[1, "x"]], "sequence 1 is not a numeric sequence"),
    "infinity": ([[0.0], [1.0, np.inf]], "sequence 2 has the value inf at step 2, column 1"),
    "beyond-float32": ([[1e39]], "sequence 1 has the value 1e+39 at step 1, column 1"),
    "complex": ([np.array([1j])], "sequence 1 is complex. Complex data not supported"),
    "path": ([Path("a.txt")], "a.txt is of no known audio or video format"),
}


@pytest.mark.parametrize(("X", "words"), COMPLAINTS.values(), ids=COMPLAINTS)
def test_complaints(X, words):
    with pytest.raises(InputError) as caught:
        Examples.of(X)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "y",
    [
        ["p", "q"],
        ("p", "q"),
        np.array(["p", "q"]),
        pandas.Series(["p", "q"], index=[9, 9]),
        polars.Series(["p", "q"]),
        pandas.Categorical(["p", "q"]),
    ],
    ids=["list", "tuple", "array", "pandas", "polars", "categorical"],
)
def test_targets(y):
    assert Examples.of(TEXTS, y).targets == ["p", "q"]


@pytest.mark.parametrize("y", ["pq", 7, ["p"], ["p", "q", "r"]], ids=repr)
def test_targets_that_do_not_fit(y):
    with pytest.raises(InputError, match=r"^y "):
        Examples.of(TEXTS, y)


def test_examples_stay_what_they_are():
    examples = Examples.of(TEXTS, [1, 2])
    assert Examples.of(examples) is examples
    assert Examples.of(examples, [3, 4]).targets == [3, 4]


def test_taken_examples_keep_their_names():
    examples = Examples.of(["a", "b", "c"], [1, 2, 3]).take([2, 0]).take(np.array([1, 0]))
    assert (examples.inputs, examples.targets) == (["a", "c"], [1, 3])
    assert [examples.place(row) for row in range(2)] == ["sequence 1", "sequence 3"]


@pytest.mark.parametrize(
    ("X", "y"), [(["ab", "cdf"], [1, 2]), (["ab", "cde"], [1, 3]), (["abc", "de"], [1, 2])], ids=repr
)
def test_other_examples_have_another_fingerprint(X, y):
    assert Examples.of(TEXTS, [1, 2]).fingerprint() != Examples.of(X, y).fingerprint()


def test_the_fingerprint_is_of_the_content_not_of_its_container():
    prints = {
        Examples.of(X, y).fingerprint()
        for X in (RAGGED, [[1, 2], [3]], [sequence[:, None] for sequence in RAGGED])
        for y in ([1, 2], np.array([1, 2]), np.array([1, 2], np.int8), pandas.Series([1, 2]))
    }
    assert len(prints) == 1


def test_of_files_the_fingerprint_is_of_what_is_in_them(tmp_path):
    for name, content in [("a.wav", b"1"), ("b.wav", b"1"), ("c.wav", b"2")]:
        (tmp_path / name).write_bytes(content)
    a, b, c = (Examples.of([tmp_path / name]).fingerprint() for name in ("a.wav", "b.wav", "c.wav"))
    assert a == b != c


def test_of_many_places_ten_are_named():
    assert named(map(str, range(12))) == "0; 1; 2; 3; 4; 5; 6; 7; 8; 9 and 2 more"
