"""The translation memory: the target of the most similar source is read too."""

import numpy as np
import pytest

from ostinato.data import Examples
from ostinato.data.translating._memory import MARKS, TranslationMemory
from ostinato.data.translating._retrieval import NearestNeighbour
from ostinato.data.translating._sides import encode_pairs, learn_sides

X = ["open file 3", "close file 4", "a green swirl"]
Y = ["Datei 3 öffnen", "Datei 4 schließen", "ein grüner Wirbel"]


def memory(X=X, Y=Y, *, shared=True):
    how = {"vocabulary_size": None, "shared_vocabulary": shared, "copying": True}
    tokens = {"source_tokens": "characters", "target_tokens": "characters"}
    sources, targets, train = learn_sides(Examples.of(X, Y), {**how, **tokens})
    return TranslationMemory(NearestNeighbour.fit(X, Y), sources, targets), train


def parts(remembering, ids):
    """Source, mark and target: the target's ids are as in targets, the mark counts from 0."""
    ids = ids - remembering.sources.own_ids
    size = remembering.targets.sentences.size
    (at,) = np.flatnonzero(ids >= size)
    return ids[:at] + remembering.sources.own_ids, ids[at] - size, ids[at + 1 :]


@pytest.mark.parametrize("shared", [False, True], ids=["apart", "shared"])
class TestJoining:
    def test_a_source_is_followed_by_the_target_of_the_most_similar_one(self, shared):
        remembering, _ = memory(shared=shared)
        given = Examples.of(["close file 4", "green swirls"], ["", ""])
        alone = remembering.sources.encode(given)
        (read, _) = encode_pairs(remembering.sources, remembering.targets, Examples.of(given.inputs, Y[1:]))
        end = remembering.targets.sentences.end
        for row, ids in enumerate(remembering.recalled(read)[0].read):
            source, mark, target = parts(remembering, ids)
            assert source.tolist() == alone[row].tolist()
            assert 0 <= mark < MARKS
            assert (mark == MARKS - 1) == (row == 0)
            assert target[-1] == end
            slots = remembering.sources.slots(Y[1 + row])
            assert remembering.targets.sentences.decode(target[:-1].tolist(), slots) == Y[1 + row]

    def test_none_is_its_own_neighbour_in_training(self, shared):
        remembering, train = memory(shared=shared)
        (read, written) = remembering.joined(train, themselves=True)
        assert written is train[1]
        for row, ids in enumerate(read.ids):
            assert parts(remembering, ids)[2].tolist() != written.ids[row].tolist()

    def test_what_the_other_copied_is_a_slot_that_goes_for_what_is_copied_here(self, shared):
        remembering, _ = memory(shared=shared)
        (read, _) = encode_pairs(
            remembering.sources, remembering.targets, Examples.of(["open file 77"], ["x"])
        )
        _, _, target = parts(remembering, remembering.recalled(read)[0].read[0])
        text = remembering.targets.sentences.decode(target[:-1].tolist(), remembering.sources.slots("77"))
        assert text == "Datei 77 öffnen"


def test_several_are_recalled_the_most_similar_first():
    remembering, train = memory()
    found = remembering.recalled(train[0], 2)
    assert [len(each.read) for each in found] == [3, 3]
    assert (found[0].similarities >= found[1].similarities).all()
    for row, ids in enumerate(found[1].read):
        target = parts(remembering, ids)[2].tolist()
        assert target == found[1].targets[row].tolist()
        assert target != found[0].targets[row].tolist()


def test_others_may_be_read_in_training():
    remembering, train = memory()
    read, _ = remembering.joined(train, 2, themselves=True)
    expected = remembering.recalled(train[0], 2, themselves=True)
    for ids, recalled in zip([read.ids, *read.others], expected, strict=True):
        assert ids.values.tolist() == recalled.read.values.tolist()


def test_a_pair_alone_is_its_own_neighbour():
    remembering, train = memory(X[:1], Y[:1])
    assert len(remembering.joined(train, themselves=True)[0]) == 1


def test_lists_of_tokens():
    sources, targets, train = learn_sides(
        Examples.of([["a", "b"], ["c"]], [["A"], ["C", "C"]]),
        {"vocabulary_size": None, "shared_vocabulary": False, "copying": True}
        | {"source_tokens": "auto", "target_tokens": "auto"},
    )
    remembering = TranslationMemory(NearestNeighbour.fit(train[0].items, train[1].items), sources, targets)
    source, mark, target = parts(remembering, remembering.recalled(train[0])[0].read[1])
    assert (source.tolist(), mark, target.tolist()) == (
        train[0].ids[1].tolist(),
        10,
        train[1].ids[1].tolist(),
    )
