"""The edit distance is that of the recursion that defines it."""

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato.tasks._edit_distance import edit_distance

sequences = st.text("abc", max_size=7)


def defined(a, b):
    @cache
    def distance(i, j):
        if i == 0 or j == 0:
            return i + j
        replaced = distance(i - 1, j - 1) + (a[i - 1] != b[j - 1])
        return min(replaced, distance(i - 1, j) + 1, distance(i, j - 1) + 1)

    return distance(len(a), len(b))


@given(a=sequences, b=sequences)
def test_as_defined(a, b):
    assert edit_distance(a, b) == defined(a, b)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("kitten", "sitting", 3),
        ("", "", 0),
        ("", "abc", 3),
        ("abc", "", 3),
        (["AH", "B"], ["AH"], 1),
        (["ab"], ["a", "b"], 2),
    ],
)
def test_examples(a, b, expected):
    assert edit_distance(a, b) == expected
