import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ostinato._errors import InputError
from ostinato.data import Vocabulary

TOKENS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=3)
SEQUENCES = st.lists(st.lists(TOKENS), min_size=1).filter(any)


@settings(max_examples=100, deadline=None)
@given(SEQUENCES)
def test_json_round_trip(sequences):
    vocabulary = Vocabulary.learn(sequences)
    again = Vocabulary.from_json(json.loads(json.dumps(vocabulary.to_json())))
    assert again.entries == vocabulary.entries
    for sequence in sequences:
        ids = vocabulary.encode(sequence).tolist()
        assert ids == again.encode(sequence).tolist()
        assert [vocabulary.entries[number - 1] for number in ids] == sequence


def test_the_most_frequent_come_first_and_ties_go_by_name():
    assert Vocabulary.learn([["b", "c", "a"], ["c"]]).entries == ["c", "a", "b"]


def test_a_size_counts_the_unknown_id():
    vocabulary = Vocabulary.learn([["b", "c", "a"], ["c"]], 3)
    assert (vocabulary.entries, len(vocabulary)) == (["c", "a"], 3)
    assert vocabulary.encode(["a", "b", "?"]).tolist() == [2, 0, 0]


@pytest.mark.parametrize(
    "value", [None, {}, "ab", [], [1], ["a", "a"], ["a", ""], ["\ud800"], [["a"]]], ids=repr
)
def test_a_stranger_s_json(value):
    with pytest.raises(InputError):
        Vocabulary.from_json(value)
