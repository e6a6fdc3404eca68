"""Of several translations that is taken which agrees with the others."""

import numpy as np

from ostinato.data import Hypothesis
from ostinato.data.translating._choice import Attempt, chosen

RIGHT, NEAR, OTHER = (np.array(ids) for ids in ([1, 2, 3, 4], [1, 2, 3, 5], [7, 8, 9]))


def hypothesis(ids, log_probability=-1.0, *, complete=True):
    return Hypothesis(ids, log_probability, log_probability, complete)


def choose(*written, complete=True):
    way, ids = chosen(written, lambda ids: complete, lambda ids: ids.tolist())
    return way, ids.tolist()


def test_the_only_one():
    assert choose(Attempt([hypothesis(RIGHT)])) == (0, RIGHT.tolist())


def test_what_is_written_with_several_memories():
    written = [Attempt([hypothesis(ids)], similarity=0.5) for ids in (OTHER, RIGHT, NEAR)]
    assert choose(*written)[0] in (1, 2)


def test_a_memory_that_is_much_more_similar_has_its_way():
    others = [Attempt([hypothesis(ids)], similarity=0.1) for ids in (RIGHT, NEAR)]
    assert choose(Attempt([hypothesis(OTHER)], similarity=1.0), *others) == (0, OTHER.tolist())


def test_what_was_recalled_is_an_answer():
    alike = [hypothesis(np.array(ids)) for ids in ([1, 2, 3, 5], [1, 2, 6, 4], [9, 2, 3, 4])]
    assert choose(Attempt(alike, RIGHT))[1] == RIGHT.tolist()
    assert choose(Attempt(alike, RIGHT), complete=False)[1] != RIGHT.tolist()


def test_what_misses_a_slot_is_taken_only_where_all_do():
    missing = [hypothesis(OTHER, complete=False)] * 3
    assert choose(Attempt([*missing, hypothesis(RIGHT, -9.0)])) == (0, RIGHT.tolist())
    assert choose(Attempt(missing)) == (0, OTHER.tolist())


def test_nothing_found_is_nothing():
    assert choose(Attempt([Hypothesis(np.zeros(0, np.int64))])) == (0, [])
