"""Both sides of a translator: what is learned of training pairs, and which sentences are refused."""

import json

import numpy as np
import pytest

from ostinato import InputError
from ostinato.data import Examples
from ostinato.data.translating._sides import Sources, Targets, encode_pairs, learn_sides

PARAMETERS = {
    "source_tokens": "characters",
    "target_tokens": "characters",
    "vocabulary_size": None,
    "shared_vocabulary": False,
    "copying": True,
}
TEXTS = Examples.of(["open 3 of {0}", "ab 7", "no"], ["{0} 3", "7 ba", "on"])
TOKENS = Examples.of([["a", "b"], ["c"]], [["A"], ["B", "C"]])


def learned(examples=TEXTS, **parameters):
    return learn_sides(examples, {**PARAMETERS, **parameters})


class TestLearning:
    def test_what_is_in_both_texts_is_copied(self):
        sources, targets, (read, written) = learned()
        slots, written_slots = sources.sentences.slots, targets.sentences.slots
        assert [np.isin(ids, slots).sum() for ids in read.ids] == [2, 1, 0]
        assert written.ids[0].tolist()[:3:2] == [written_slots[1], written_slots[0]]
        assert written.ids[1][0] == written_slots[0]

    def test_what_is_only_in_the_source_is_read(self):
        sources, _, (read, _) = learned(Examples.of(["a 3", "b 4", "c 5"], ["a 3", "b 4", "c five"]))
        assert [np.isin(ids, sources.sentences.slots).any() for ids in read.ids] == [True, True, False]

    def test_a_sentence_to_be_translated_is_not_read_with_its_target(self):
        sources, targets, _ = learned()
        with_target, without = (
            encode_pairs(sources, targets, Examples.of(["ab 9"], [target])) for target in ("9 ba", "nine ba")
        )
        assert np.array_equal(with_target[0].ids.values, without[0].ids.values)

    def test_targets_end(self):
        _, targets, (_, written) = learned()
        assert all(ids[-1] == targets.sentences.end for ids in written.ids)

    @pytest.mark.parametrize("examples", [TEXTS, TOKENS], ids=["texts", "tokens"])
    def test_lengths(self, examples):
        sources, targets, (read, written) = learned(examples)
        assert sources.longest == read.ids.lengths.max()
        assert targets.ratio == written.ids.lengths.sum() / read.ids.lengths.sum()
        assert targets.longest(np.array([100])).tolist() == [np.ceil(200 * targets.ratio) + 10]

    @pytest.mark.parametrize(
        ("examples", "copying"),
        [(TEXTS, False), (TOKENS, True), (Examples.of(["a 1"], [["1"]]), True)],
        ids=["not wanted", "tokens", "text to tokens"],
    )
    def test_nothing_is_copied(self, examples, copying):
        sources, targets, _ = learned(examples, copying=copying)
        assert sources.copier is None
        assert not sources.sentences.slots
        assert not targets.sentences.slots

    def test_a_vocabulary_of_both_sides(self):
        sources, targets, _ = learned(shared_vocabulary=True)
        assert sources.shared
        assert sources.own_ids == 0
        assert sources.sentences.to_json() == targets.sentences.to_json()
        sources, targets, _ = learned(TOKENS, shared_vocabulary=True)
        assert sorted(targets.sentences.vocabulary.entries) == list("ABCabc")

    @pytest.mark.parametrize(
        ("examples", "tokens"),
        [(TEXTS, "words"), (Examples.of(["a"], [["b"]]), "characters")],
        ids=["tokens", "kinds"],
    )
    def test_unlike_sides_share_no_vocabulary(self, examples, tokens):
        sources, _, _ = learned(examples, shared_vocabulary=True, target_tokens=tokens)
        assert not sources.shared
        assert sources.own_ids == sources.sentences.size


class TestRefusing:
    @pytest.mark.parametrize(
        ("X", "y", "told"),
        [
            (["a", " ", ""], ["a", "b", "c"], "empty sources: sequence 2; sequence 3"),
            (["a", "b"], ["a", "\t"], "empty targets: sequence 2"),
            ([["a"], []], ["a", "b"], "empty sources: sequence 2"),
            (["a", "b"], None, "there are no targets"),
        ],
        ids=["sources", "targets", "tokens", "none"],
    )
    def test_incomplete_examples(self, X, y, told):
        with pytest.raises(InputError, match=told):
            learned(Examples.of(X, y))

    @pytest.mark.parametrize(
        ("examples", "told"),
        [
            (TOKENS, "trained to read text, and these are tokens"),
            (Examples.of(["a"], [["b"]]), "the targets are not text"),
            (Examples.of(["a"], [""]), "empty targets: sequence 1"),
        ],
        ids=["sources", "targets", "empty"],
    )
    def test_examples_of_another_kind(self, examples, told):
        sources, targets, _ = learned()
        with pytest.raises(InputError, match=told):
            encode_pairs(sources, targets, examples)

    @staticmethod
    def refuse(examples, given):
        sources, _, _ = learned(examples)
        sources.refuse_strange(Examples.of(given), sources.encode(Examples.of(given)))

    @pytest.mark.parametrize(
        ("examples", "given", "told"),
        [
            (
                TEXTS,
                ["no", "a" * 23],
                "sequence 2 has 23 tokens, more than 2 times as many as .*11.*: cut it",
            ),
            (
                TEXTS,
                ["no", "Привет 3"],
                r"sequence 2 is in a script .*CYRILLIC; there was LATIN\): 'Привет 3'",
            ),
            (TOKENS, [["a"], ["x", "y"]], "sequence 2 has no token that was seen"),
            (Examples.of(["1 2"], ["2 1"]), ["abc"], "there was none"),
        ],
        ids=["long", "script", "tokens", "no letters"],
    )
    def test_strange_sentences(self, examples, given, told):
        with pytest.raises(InputError, match=told):
            self.refuse(examples, given)

    @pytest.mark.parametrize(
        ("examples", "given"),
        [(TEXTS, ["a" * 22, "3 + 4", "no Привет", "🙂"]), (TOKENS, [["a", "x"]])],
        ids=["texts", "tokens"],
    )
    def test_sentences_that_will_do(self, examples, given):
        self.refuse(examples, given)


class TestJson:
    @pytest.mark.parametrize("examples", [TEXTS, TOKENS], ids=["texts", "tokens"])
    def test_there_and_back(self, examples):
        for side in learned(examples)[:2]:
            value = json.loads(json.dumps(side.to_json()))
            assert type(side).from_json(value).to_json() == side.to_json()

    @pytest.mark.parametrize(
        ("side", "change"),
        [
            (Sources, {"longest": 0}),
            (Sources, {"longest": 1 << 60}),
            (Sources, {"longest": 3.0}),
            (Sources, {"scripts": None}),
            (Sources, {"scripts": [1]}),
            (Sources, {"copied": None}),
            (Sources, {"shared": None}),
            (Sources, {"copied": ["other"]}),
            (Sources, {"copied": {}}),
            (Sources, {"sentences": None}),
            (Targets, {"ratio": 0.0}),
            (Targets, {"ratio": float("nan")}),
            (Targets, {"ratio": 1e300}),
            (Targets, {"ratio": True}),
            (Targets, {"ratio": None}),
            (Targets, {"sentences": []}),
        ],
        ids=str,
    )
    def test_a_strangers(self, side, change):
        of = dict(zip((Sources, Targets), learned(), strict=False))
        with pytest.raises(InputError, match="anew"):
            side.from_json({**of[side].to_json(), **change})

    @pytest.mark.parametrize("value", [None, [], 3, {}], ids=str)
    @pytest.mark.parametrize("side", [Sources, Targets])
    def test_no_object(self, side, value):
        with pytest.raises(InputError, match="anew"):
            side.from_json(value)
