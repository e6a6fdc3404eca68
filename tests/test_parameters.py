import math
import pickle

import numpy as np
import pytest

from ostinato import InputError
from ostinato._errors import ParameterError
from ostinato._parameters import Choice, Real, Text, Whole, check_parameters


@pytest.mark.parametrize(
    ("check", "value", "plain"),
    [
        (Choice(["a", "b"]), "b", "b"),
        (Text(), "", ""),
        (Whole(1, 9), 9, 9),
        (Whole(1, 9), np.int64(3), 3),
        (Whole(1, 9, optional=True), None, None),
        (Real(0, 1), 0, 0.0),
        (Real(0, 1), np.float32(0.5), 0.5),
        (Real(0, 1), np.int8(1), 1.0),
        (Real(0, 1, optional=True), None, None),
    ],
)
def test_good_values_become_plain(check, value, plain):
    checked = check.check("x", value)
    assert checked == plain
    assert type(checked) is type(plain)


@pytest.mark.parametrize(
    ("check", "value", "message"),
    [
        (Choice(["a", "b"]), "c", "x is 'c': it must be one of a, b"),
        (Choice(["a"]), None, "x is None: it must be one of a"),
        (Choice(["a"]), ["a"], "x is ['a']: it must be one of a"),
        (Choice(["a"], "; or leave it"), "b", "x is 'b': it must be one of a; or leave it"),
        (Text(), 1, "x is 1: it must be a string"),
        (Whole(1, 2000), 0, "x is 0: it must be from 1 to 2,000"),
        pytest.param(Whole(1, 9), 10**5000, "x is about 2^16610: it must be from 1 to 9", id="endless"),
        (Whole(1, 9), True, "x is True: it must be a whole number"),
        (Whole(1, 9), 2.0, "x is 2.0: it must be a whole number"),
        (Whole(1, 9), "2", "x is '2': it must be a whole number"),
        (Whole(1, 9), None, "x is None: it must be a whole number"),
        (Whole(1, 9), np.array([1, 2]), "x is array([1, 2]): it must be a whole number"),
        (Real(0, 1), 2, "x is 2: it must be from 0 and at most 1"),
        (Real(0, 1, closed=False), 0, "x is 0: it must be above 0 and at most 1"),
        (Real(0, 1), math.nan, "x is nan: it must be from 0 and at most 1"),
        (Real(0, 1), -math.inf, "x is -inf: it must be from 0 and at most 1"),
        pytest.param(
            Real(0, 1), -(10**400), "x is about -2^1329: it must be from 0 and at most 1", id="minus-endless"
        ),
        (Real(0, 1), "0.5", "x is '0.5': it must be a number"),
        (Real(0, 1), np.array([1, 2]), "x is array([1, 2]): it must be from 0 and at most 1"),
        (Real(0, 1), None, "x is None: it must be a number"),
    ],
)
def test_bad_values_are_shown(check, value, message):
    with pytest.raises(ParameterError) as caught:
        check.check("x", value)
    assert str(caught.value) == message


@pytest.mark.parametrize("value", ["a\nb" * 1000, ["x" * 1000] * 1000], ids=["text", "list"])
def test_long_values_are_cut_to_one_short_line(value):
    with pytest.raises(InputError) as caught:
        Whole(1, 2).check("x", value)
    assert len(str(caught.value)) < 300
    assert "\n" not in str(caught.value)


def test_only_what_has_a_check_is_checked():
    assert check_parameters({"b": np.int64(1), "a": "any"}, {"b": Whole(0, 1)}) == {"b": 1, "a": "any"}


def test_the_error_survives_a_process_boundary():
    error = pickle.loads(pickle.dumps(ParameterError("cell", "is bad")))
    assert (str(error), error.parameter, error.complaint) == ("cell is bad", "cell", "is bad")
