from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ostinato._errors import InputError
from ostinato.data import Examples
from ostinato.tasks._held_out import held_out_rows, hold_out

properties = settings(max_examples=200, deadline=None)
SHARES = st.floats(0, 0.999)


@properties
@given(st.lists(st.integers(0, 4), min_size=1, max_size=60), SHARES, st.integers(0, 3))
def test_each_class_gives_its_share_and_keeps_one(strata, share, seed):
    held_out = held_out_rows(len(strata), share, strata, seed)
    counts = Counter(strata)
    given = Counter(np.array(strata)[held_out].tolist())
    for stratum, count in counts.items():
        assert given[stratum] <= count - 1
        assert abs(given[stratum] - min(share * count, count - 1)) < 1
    most = sum(count - 1 for count in counts.values())
    assert held_out.sum() <= min(round(share * len(strata)), most)


@properties
@given(st.integers(2, 300), SHARES)
def test_without_classes_the_share_is_taken_of_all(count, share):
    assert held_out_rows(count, share, None, 0).sum() == min(round(share * count), count - 1)


def test_many_small_classes_give_their_share_together():
    assert held_out_rows(72, 0.1, [row % 18 for row in range(72)], 0).sum() == 7


def test_the_seed_decides_and_nothing_else():
    strata = [row % 3 for row in range(100)]
    first = held_out_rows(100, 0.2, strata, 1)
    np.testing.assert_array_equal(first, held_out_rows(100, 0.2, strata, 1))
    assert (first != held_out_rows(100, 0.2, strata, 2)).any()


EXAMPLES = Examples.of(["a", "b", "c", "d"] * 5, [0, 1, 0, 1] * 5)


def of(validation, examples=EXAMPLES):
    return hold_out(examples, validation, examples.targets, 0)


def test_the_examples_are_divided():
    split = of(0.2)
    assert (len(split.train), len(split.valid)) == (16, 4)
    places = [part.place(row) for part in (split.train, split.valid) for row in range(len(part))]
    assert sorted(places) == sorted(f"sequence {number}" for number in range(1, 21))
    assert split.facts["validation"] == 0.2
    assert split.facts["sha256"] == EXAMPLES.fingerprint()


@pytest.mark.parametrize("nothing", [None, 0, 0.0, np.float32(0)], ids=repr)
def test_nothing_is_held_out_where_that_is_asked_for(nothing):
    split = of(nothing)
    assert (split.train, split.valid, split.facts["validation"]) == (EXAMPLES, None, 0.0)


@pytest.mark.parametrize(
    ("examples", "words"),
    [
        (Examples.of(["a"] * 4, [0, 0, 1, 1]), "4 sequences are too few"),
        (Examples.of(["a"] * 20, range(20)), "20 sequences are too few"),
    ],
    ids=["four", "one of each class"],
)
def test_a_share_that_comes_to_nothing_is_told(examples, words):
    split = of(0.1, examples)
    assert split.warning.startswith(words)
    assert (split.train, split.valid, split.facts["validation"]) == (examples, None, 0.0)


def test_a_single_example_is_no_data():
    single = Examples.of(["a"], [0])
    with pytest.raises(InputError, match=r"one sample is too few .* give more, or .* with validation=0"):
        of(0.1, single)
    assert of(0, single).train is single


def test_other_examples_may_be_given():
    split = of(Examples.of(["x", "y"], [0, 1]))
    assert split.train is EXAMPLES
    assert list(split.valid.inputs) == ["x", "y"]
    assert split.facts["validation"] == split.valid.fingerprint()


@pytest.mark.parametrize(
    ("validation", "words"),
    [
        (1, "validation is 1: it must be a share from 0 up to, not including, 1"),
        (-0.1, "validation is -0.1"),
        (float("nan"), "validation is nan"),
        (True, "validation is True"),
        ("0.1", "validation must be a share, or a pair"),
        ((["x"],), "validation must be a share, or a pair"),
        (Examples.of(["x"]), "the validation examples have no targets"),
        (Examples.of([[1.0]], [0]), "the validation examples are vectors and the others text"),
    ],
    ids=["1", "negative", "nan", "True", "word", "single", "no targets", "kind"],
)
def test_what_is_no_share_and_no_examples(validation, words):
    with pytest.raises(InputError, match=words):
        of(validation)
