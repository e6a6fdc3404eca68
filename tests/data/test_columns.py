import json

import pytest

from ostinato._errors import InputError
from ostinato.data import Columns


@pytest.mark.parametrize(
    "columns",
    [
        Columns(),
        Columns(("a",), "y"),
        Columns(("a", "b"), ("y", "z"), kind="vectors"),
        Columns(("a",), id="who", kind="tokens"),
        Columns(("a",), "y", kind="text", target_kind="tokens"),
    ],
    ids=["none", "text", "numbers", "long", "pairs"],
)
def test_columns_come_back_from_json(columns):
    assert Columns.from_json(json.loads(json.dumps(columns.to_json()))) == columns


@pytest.mark.parametrize(
    "change",
    [
        {"input": None},
        {"input": "a"},
        {"input": [1]},
        {"input": ["a"] * 100_000},
        {"target": 3},
        {"target": [3]},
        {"id": ["a"]},
        {"kind": "picture"},
        {"kind": ["text"]},
        {"target_kind": "vectors"},
        {"target_kind": ["text"]},
    ],
    ids=str,
)
def test_a_stranger_s_json(change):
    change = {**Columns(("a",), "y").to_json(), **change}
    with pytest.raises(InputError, match="save them anew"):
        Columns.from_json(change)


def test_json_that_is_no_object():
    with pytest.raises(InputError, match="save them anew"):
        Columns.from_json(["a"])


def test_targets_are_as_many_as_there_are():
    assert [Columns(target=target).targets for target in (None, "y", ("y", "z"))] == [(), ("y",), ("y", "z")]
