from functools import partial
from pathlib import Path

import numpy as np
import pytest

from ostinato._errors import InputError
from ostinato.data._cells import labels, lists, numbers, paths, texts, tokens, vectors
from ostinato.data._table import Table

inputs = partial(numbers, gaps=True)
targets = partial(numbers, gaps=False)


def table(*cells) -> Table:
    return Table(Path("t.csv"), {"x": list(cells)}, lambda row: f"t.csv, row {row + 1}")


@pytest.mark.parametrize(
    ("read", "cells", "values"),
    [
        (texts, ["a b", " "], ["a b", " "]),
        (labels, ["a", "NA", 3, True], ["a", "NA", "3", "true"]),
        (lists, ["a b", '["a", 1]', "[]", []], [["a", "b"], ["a", 1], [], []]),
        (tokens, ["a  b ", "[CLS] a [SEP]", "[1] a"], [["a", "b"], ["[CLS]", "a", "[SEP]"], ["[1]", "a"]]),
        (tokens, ['["a b", "c"]', ["a", 2]], [["a b", "c"], ["a", "2"]]),
        (inputs, ["1", " 2.5 ", "-1e3", 4], [1, 2.5, -1000, 4]),
        (inputs, ["", "NA", "nan", "NULL", None, float("nan")], [np.nan] * 6),
        (targets, [1, "2"], [1, 2]),
    ],
)
def test_cells_as(read, cells, values):
    read_values = read(table(*cells), "x")
    np.testing.assert_equal(
        read_values.tolist() if isinstance(read_values, np.ndarray) else read_values, values
    )


@pytest.mark.parametrize(
    ("cells", "arrays"),
    [
        (["[1, 2]", "[3]"], [[[1], [2]], [[3]]]),
        ([[[1, 2], [3, None]]], [[[1, 2], [3, np.nan]]]),
        (["[NaN, 1.5]"], [[[np.nan], [1.5]]]),
    ],
    ids=["numbers", "lists of numbers", "gaps"],
)
def test_numeric_sequences(cells, arrays):
    for array, expected in zip(vectors(table(*cells), "x"), arrays, strict=True):
        assert array.dtype == np.float32
        np.testing.assert_array_equal(array, np.float32(expected))


@pytest.mark.parametrize(
    ("read", "cells", "complaint"),
    [
        (texts, ["a", 3], "row 2: 3 in column 'x' is no text"),
        (texts, ["", "a", None], "nothing in column 'x' in row 1; row 3; fill it"),
        (texts, ["a", *[""] * 12], "in row 2; .*; row 11 and 2 more; fill it"),
        (labels, ["a", ""], "nothing in column 'x' in row 2"),
        (labels, [0.5], "0.5 in column 'x' is no label"),
        (labels, ["a", "\ud800"], r"row 2: '\\ud800' in column 'x' has half a character, a lone surrogate"),
        (lists, [3], "row 1: 3 in column 'x' is no list"),
        (tokens, ["a", " "], "row 2: ' ' in column 'x' has no items"),
        (tokens, ['["a", ""]'], "has an empty item"),
        (tokens, [["a"], ["a", None]], "row 2: .* has an item that is neither a text nor a whole number"),
        (tokens, ['["\\ud800"]'], "row 1: .* has half a character"),
        (tokens, ['["a", "b",]'], "is no JSON list"),
        (inputs, ["1", "abc"], "row 2: 'abc' in column 'x' is not a number"),
        (inputs, [[1]], r"row 1: \[1\] in column 'x' is not a number"),
        (inputs, [10**400], "is not a number"),
        (inputs, ["1", "inf"], "row 2: 'inf' in column 'x' is infinite"),
        (inputs, ["-1e39"], "row 1: '-1e39' in column 'x' is infinite or too large"),
        (targets, [1, None, "nan"], "nothing in column 'x' in row 2; row 3"),
        (vectors, ["5"], "row 1: '5' in column 'x' is one number, no sequence"),
        (vectors, ["a b"], "is no JSON list"),
        (vectors, ['{"a": 1}'], "is no JSON list"),
        (vectors, [{"a": 1}], "is no numeric sequence"),
        (vectors, ["[1]", "[]"], r"row 2: '\[\]' in column 'x' has no steps"),
        (vectors, ["[[], []]"], "has steps of different widths"),
        (vectors, ["[[1, 2], [3]]"], "has steps of different widths"),
        (vectors, ["[[1, 2], 3]"], "has steps of different widths"),
        (vectors, ["[[1, 2]]", "[[1]]"], "row 2: a step of column 'x' has 1 numbers, and in row 1 it has 2"),
        (vectors, ['["a"]'], "row 1: column 'x' is not a numeric sequence"),
        (vectors, ["[1, Infinity]"], "row 1: column 'x' has the value inf at step 2"),
        (vectors, ["[" * 100_000 + "]"], "is no JSON list"),
        (labels, ["a" * 100, ["a" * 100]], r"row 2: \['a{58}… in column"),
    ],
)
def test_one_line_says_what_is_wrong(read, cells, complaint):
    with pytest.raises(InputError, match=complaint) as caught:
        read(table(*cells), "x")
    assert str(caught.value).startswith("t.csv") and "\n" not in str(caught.value)


def test_paths_lie_beside_the_table(tmp_path):
    (tmp_path / "a.wav").touch()
    there = Table(tmp_path / "t.csv", {"x": ["a.wav", str(tmp_path / "a.wav")]}, str)
    assert paths(there, "x") == [tmp_path / "a.wav"] * 2


def test_all_paths_that_do_not_exist_are_named(tmp_path):
    (tmp_path / "a.wav").touch()
    (tmp_path / "folder.wav").mkdir()
    names = ["a.wav", "b.wav", "folder.wav", "\0.wav", "x" * 1000, *(f"{i}.wav" for i in range(995))]
    there = Table(tmp_path / "t.csv", {"x": names}, str)
    with pytest.raises(InputError, match=r"999 of 1,000 files in column 'x' do not exist: ") as caught:
        paths(there, "x")
    message = str(caught.value)
    assert "'b.wav' (row 2); 'folder.wav' (row 3); " in message
    assert "'993.wav' (row 999); '994.wav' (row 1000); correct the paths" in message
