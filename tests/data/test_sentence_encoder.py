"""Sentences as ids and back: what is known, slots, the end and the beginning."""

import json
import unicodedata

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ostinato import InputError
from ostinato.data import Slots, TextSentences, TokenSentences, sentence_encoder_from_json

TEXTS = ["open {0} and %1", "close {0}", "a b c"]
COPIED = [Slots(("{0}", "%1")), Slots(("{0}",)), Slots()]


def texts(tokens="characters", size=None, slots=3):
    return TextSentences.learn(TEXTS, COPIED, tokens, size, slots)


class TestTexts:
    def test_ids_are_known_ones_then_slots_then_end_and_beginning(self):
        encoder = texts()
        known = len(encoder.tokenizer)
        assert list(encoder.slots) == [known, known + 1, known + 2]
        assert (encoder.end, encoder.begin, encoder.size) == (known + 3, known + 4, known + 5)

    def test_what_is_copied_is_not_in_the_vocabulary(self):
        assert "".join(texts().tokenizer.to_json()["entries"]) == " abcdelnops"

    def test_what_is_copied_is_a_slot(self):
        encoder = texts()
        ids = encoder.encode(TEXTS[0], COPIED[0])
        assert ids.dtype == np.int64
        assert ids[[5, 11]].tolist() == [encoder.slots[0], encoder.slots[1]]
        assert len(ids) == len("open X and X")
        assert encoder.tokens(ids.tolist(), COPIED[0])[5::6] == ["{0}", "%1"]

    def test_a_slot_is_what_it_stands_for(self):
        encoder = texts()
        ids = encoder.encode(TEXTS[0], COPIED[0]).tolist()
        assert encoder.decode(ids, Slots(("{name}", "%s"))) == "open {name} and %s"

    @pytest.mark.parametrize("tokens", ["characters", "words", "subwords"])
    @pytest.mark.parametrize("row", range(3))
    def test_there_and_back(self, tokens, row):
        encoder = texts(tokens, 300)
        ids = encoder.encode(TEXTS[row], COPIED[row]).tolist()
        assert encoder.decode(ids, COPIED[row]) == TEXTS[row]

    @given(text=st.text(st.characters(exclude_categories=["Cs"])))
    @example(text="\U0002f800")
    def test_subwords_spell_any_text(self, text):
        encoder = texts("subwords")
        decoded = encoder.decode(encoder.encode(text, COPIED[0]).tolist(), COPIED[0])
        assert decoded == unicodedata.normalize("NFC", text)  # the form that the texts of training are in

    @given(ids=st.lists(st.integers(0, 257)))
    def test_any_subwords_are_a_text(self, ids):
        encoder = texts("subwords", 257, slots=1)
        ids = [min(token, encoder.end - 1) for token in ids]
        encoder.decode(ids, COPIED[1]).encode()
        assert len(encoder.tokens(ids, COPIED[1])) == len(ids)

    @pytest.mark.parametrize(
        ("given", "kind"),
        [
            (["cat", "dog", " bird "], "characters"),
            (["cat"] * 9 + ["two dogs"], "characters"),
            (["cat"] * 8 + ["two dogs"] * 2, "subwords"),
            (["日本語の文", "もう一つ"], "characters"),
        ],
        ids=["words", "nearly all", "too few", "no spaces"],
    )
    def test_auto_reads_letters_of_single_words(self, given, kind):
        encoder = TextSentences.learn(given, [Slots()] * len(given), "auto", None, 0)
        assert encoder.tokenizer.kind == kind


class TestTokens:
    def test_there_and_back(self):
        encoder = TokenSentences.learn([["AH", "B"], ["B"]], None)
        assert encoder.encode(["AH", "B"]).tolist() == [2, 1]
        assert encoder.decode([2, 1]) == encoder.tokens([2, 1]) == ["AH", "B"]
        assert (encoder.end, encoder.begin, encoder.size) == (3, 4, 5)

    def test_an_unseen_one_is_unknown(self):
        encoder = TokenSentences.learn([["AH", "B"]], None)
        assert encoder.encode(["X"]).tolist() == [encoder.unknown_id]
        assert encoder.decode([0]) == ["\ufffd"]

    def test_no_more_than_asked_for(self):
        assert TokenSentences.learn([["a", "a", "b", "c"]], 3).vocabulary.entries == ["a", "b"]


class TestJson:
    @pytest.mark.parametrize(
        "encoder",
        [texts(), texts("subwords", 300, 0), TokenSentences.learn([["a"]], None)],
        ids=["characters", "subwords", "tokens"],
    )
    def test_there_and_back(self, encoder):
        again = sentence_encoder_from_json(json.loads(json.dumps(encoder.to_json())))
        assert again.to_json() == encoder.to_json()
        assert (again.slots, again.size) == (encoder.slots, encoder.size)

    @pytest.mark.parametrize(
        "change",
        [
            {"kind": None},
            {"kind": "audio"},
            {"kind": ["text"]},
            {"kind": "tokens"},
            {"slots": -1},
            {"slots": 17},
            {"slots": 1.0},
            {"slots": True},
            {"slots": 10**30},
            {"tokenizer": None},
        ],
        ids=str,
    )
    def test_a_strangers(self, change):
        with pytest.raises(InputError, match=r"save .* anew|one of"):
            sentence_encoder_from_json({**texts().to_json(), **change})

    @pytest.mark.parametrize("value", [None, [], 3, "text", {}], ids=str)
    def test_no_object(self, value):
        with pytest.raises(InputError, match="anew"):
            sentence_encoder_from_json(value)
