"""What holds for every kind of tokenizer; each kind's own rules are in its own file."""

import copy
import json
import pickle
import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ostinato import InputError
from ostinato.data import Tokenizer, learn_tokenizer, tokenizer_from_json

KINDS = ["characters", "words", "subwords"]
properties = settings(max_examples=100, deadline=None)
each_kind = pytest.mark.parametrize("kind", KINDS)
any_text = st.text(
    st.one_of(st.sampled_from("ab'’ \t\r\n1\u0301\u200d👩🏽🇰한\u1112\u1161\u11ab"), st.characters())
)
whole_text = any_text.map(lambda text: text.encode("utf-8", "ignore").decode())


@each_kind
@properties
@given(text=whole_text.filter(bool))
def test_the_text_it_was_learned_from_comes_back_exactly(kind, text):
    tokenizer = learn_tokenizer(kind, [text])
    ids = tokenizer.encode(text)
    assert ids.dtype == np.int32
    assert ids.ndim == 1
    assert tokenizer.decode(ids) == text
    assert tokenizer.unseen(text) == []
    assert all(0 <= token < len(tokenizer) and token != tokenizer.unknown_id for token in ids)


@each_kind
@properties
@given(learned=whole_text.filter(bool), text=any_text)
def test_other_text_is_encoded_as_far_as_it_was_seen(kind, learned, text):
    tokenizer = learn_tokenizer(kind, [learned])
    ids = tokenizer.encode(text)
    decoded = tokenizer.decode(ids)
    assert bool(tokenizer.unseen(text)) == (tokenizer.unknown_id is not None and tokenizer.unknown_id in ids)
    if not tokenizer.unseen(text):
        formed = unicodedata.normalize("NFC", text) if tokenizer.form else text
        assert decoded == "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in formed)


@each_kind
@properties
@given(text=whole_text.filter(bool), other=any_text)
def test_json_makes_an_equal_tokenizer(kind, text, other):
    tokenizer = learn_tokenizer(kind, [text])
    again = tokenizer_from_json(json.loads(json.dumps(tokenizer.to_json())))
    assert again == tokenizer
    assert len(again) == len(tokenizer)
    np.testing.assert_array_equal(again.encode(other), tokenizer.encode(other))


@each_kind
@properties
@given(chunks=st.lists(any_text.map(lambda text: text + "\n"), min_size=1, max_size=4))
def test_lines_in_chunks_are_the_text_in_one(kind, chunks):
    text = "".join(chunks)
    tokenizer = learn_tokenizer(kind, chunks)
    assert tokenizer == learn_tokenizer(kind, [text])
    np.testing.assert_array_equal(
        np.concatenate([tokenizer.encode(c) for c in chunks]), tokenizer.encode(text)
    )


UNICODE = {
    "Korean": "모든 국민은 인간으로서의 존엄과 가치를 가지며",
    "Korean in Jamo": unicodedata.normalize("NFD", "모든 국민은 인간으로서의 존엄과 가치를 가지며"),
    "accents": unicodedata.normalize("NFD", "Ein schöner Café-Besuch à Ngọc"),
    "Hindi": "सभी मनुष्य जन्म से स्वतंत्र हैं",
    "Persian": "می\u200cخواهم بروم",
    "emoji": "👩\u200d👩\u200d👧 👍🏽 🇰🇷🇬🇧 ❤\ufe0f 1\ufe0f\u20e3",
    "line ends": "a\r\nb\rc\u2028d\x85e\n",
    "replacement": "a\ufffdb",
    "beyond the first plane": "𝔘𐍈𠀀\U0010ffff",
}


@each_kind
@pytest.mark.parametrize("name", UNICODE)
def test_unicode_done_right(kind, name):
    tokenizer = learn_tokenizer(kind, [UNICODE[name]])
    assert tokenizer.decode(tokenizer.encode(UNICODE[name])) == UNICODE[name]


@each_kind
def test_a_decomposed_prompt_is_seen_as_the_composed_text_learned(kind):
    composed, decomposed = "한국어 café", unicodedata.normalize("NFD", "한국어 café")
    tokenizer = learn_tokenizer(kind, [composed])
    assert tokenizer.form == "NFC"
    assert tokenizer.unseen(decomposed) == []
    np.testing.assert_array_equal(tokenizer.encode(decomposed), tokenizer.encode(composed))


@each_kind
def test_nothing_is_normalised_if_any_of_the_text_learned_is_decomposed(kind):
    composed, decomposed = "한국어", unicodedata.normalize("NFD", "한국어")
    tokenizer = learn_tokenizer(kind, [composed + "\n", decomposed])
    assert tokenizer.form is None
    assert tokenizer.decode(tokenizer.encode(decomposed)) == decomposed
    assert tokenizer.encode(decomposed).tolist() != tokenizer.encode(composed).tolist()


@each_kind
def test_no_text_is_encoded_as_no_ids(kind):
    tokenizer = learn_tokenizer(kind, ["abc"])
    assert tokenizer.encode("").tolist() == []
    assert tokenizer.decode([]) == ""


@each_kind
@pytest.mark.parametrize("token", [-1, 10_000], ids=["below", "above"])
def test_an_id_there_is_not_is_refused(kind, token):
    tokenizer = learn_tokenizer(kind, ["abc"])
    for method, argument in (
        (tokenizer.decode, [token]),
        (tokenizer.token, token),
        (tokenizer.token_bytes, token),
    ):
        with pytest.raises(InputError, match=f"token id {token} is not one of this tokenizer's ids 0 … "):
            method(argument)


@each_kind
def test_ids_may_be_any_iterable_of_integers(kind):
    tokenizer = learn_tokenizer(kind, ["abc"])
    ids = tokenizer.encode("abc")
    assert tokenizer.decode(iter(ids.tolist())) == tokenizer.decode(ids.astype(np.uint16)) == "abc"


@each_kind
@pytest.mark.parametrize(
    "copied", [copy.deepcopy, lambda t: pickle.loads(pickle.dumps(t))], ids=["copy", "pickle"]
)
def test_it_can_be_copied_for_another_process(kind, copied):
    tokenizer = learn_tokenizer(kind, ["hello there"])
    again = copied(tokenizer)
    assert again == tokenizer
    assert again.encode("hello").tolist() == tokenizer.encode("hello").tolist()


def test_tokenizers_differ_by_kind_form_and_vocabulary():
    made = [
        learn_tokenizer(kind, [text])
        for kind in KINDS
        for text in ("abab abab", "abcabc abc", "abe\u0301 abe\u0301")
    ]
    assert all((a == b) == (a is b) for a in made for b in made)
    assert made[0] != "characters"


@each_kind
@pytest.mark.parametrize("size", [300, 400])
def test_the_vocabulary_is_never_larger_than_asked(kind, size):
    tokenizer = learn_tokenizer(kind, [f"{chr(0x4E00 + i)}w{i} " * 3 for i in range(500)], size)
    assert len(tokenizer) == size


@pytest.mark.parametrize(
    ("kind", "chunks", "size", "message"),
    [
        ("letters", ["a"], None, "there is no tokenizer of 'letters'; there are characters, words, subwords"),
        ("characters", [], None, "there is no text to learn a vocabulary of characters from; give some"),
        ("words", ["", ""], None, "there is no text to learn a vocabulary of words from; give some"),
        ("subwords", [""], None, "there is no text to learn a vocabulary of subwords from; give some"),
        (
            "characters",
            ["\ud800"],
            None,
            "there is no text to learn a vocabulary of characters from; give some",
        ),
        ("characters", ["a"], 1, "a vocabulary of 1 characters is not possible; give 2 to 2000000"),
        ("words", ["a"], -5, "a vocabulary of -5 words is not possible; give 2 to 2000000"),
        ("subwords", ["a"], 256, "a vocabulary of 256 subwords is not possible; give 257 to 2000000"),
        ("words", ["a"], 10**12, "a vocabulary of 1000000000000 words is not possible; give 2 to 2000000"),
        ("words", ["a"], 1e3, "a vocabulary of 1000.0 words is not possible; give 2 to 2000000"),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_what_cannot_be_learned_is_refused_in_one_line(kind, chunks, size, message):
    with pytest.raises(InputError) as caught:
        learn_tokenizer(kind, chunks, size)
    assert str(caught.value) == message


@each_kind
def test_text_in_one_string_is_one_chunk(kind):
    assert learn_tokenizer(kind, "one two one") == learn_tokenizer(kind, ["one two one"])


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | any_text | st.sampled_from(KINDS),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)
near_misses = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(KINDS),
        "form": st.sampled_from([None, None, "NFC"]) | json_values,
        "entries": st.lists(any_text | st.sampled_from(["a", "b", "a b", "ab c", "Ġ a", "ab"]) | json_values),
    }
)


@settings(properties, max_examples=500)
@given(value=json_values | near_misses)
def test_any_json_is_a_tokenizer_or_an_input_error(value):
    try:
        tokenizer = tokenizer_from_json(value)
    except InputError as error:
        assert "\n" not in str(error)
        assert len(str(error)) < 400
    else:
        assert isinstance(tokenizer, Tokenizer)
        assert tokenizer.decode(tokenizer.encode("a b\n")) is not None


def nested(depth: int) -> list:
    value: list = []
    for _ in range(depth):
        value = [value]
    return value


DISTINCT = "a tokenizer's {} must be distinct and not empty; save it anew"
STRINGS = 'a tokenizer\'s "entries" must be a list of strings; save it anew'
KIND = 'a tokenizer\'s "kind" must be one of characters, words, subwords; save it anew'
ORDER = "a tokenizer's characters must be single and in order; save it anew"
HOSTILE = {
    "not an object": (["words"], KIND),
    "no kind": ({}, KIND),
    "kind a list": ({"kind": ["words"]}, KIND),
    "no entries": ({"kind": "words"}, STRINGS),
    "entries a string": ({"kind": "words", "entries": "abc"}, STRINGS),
    "entries nested deep": ({"kind": "words", "entries": nested(100_000)}, STRINGS),
    "form": (
        {"kind": "words", "form": "NFD", "entries": ["a"]},
        'a tokenizer\'s "form" must be "NFC" or null; save it anew',
    ),
    "words twice": ({"kind": "words", "entries": ["a", "a"]}, DISTINCT.format("words")),
    "empty word": ({"kind": "words", "entries": ["a", ""]}, DISTINCT.format("words")),
    "no words": ({"kind": "words", "entries": []}, "a tokenizer without words; save it anew"),
    "surrogate": (
        {"kind": "words", "entries": ["a\ud800"]},
        "a tokenizer's words hold a lone surrogate; save it anew",
    ),
    "characters twice": ({"kind": "characters", "entries": ["a", "a"]}, DISTINCT.format("characters")),
    "characters out of order": ({"kind": "characters", "entries": ["b", "a"]}, ORDER),
    "two in one": ({"kind": "characters", "entries": ["ab"]}, ORDER),
    "merges twice": (
        {"kind": "subwords", "entries": ["a b", "a b"]},
        "a tokenizer's merges must be distinct; save it anew",
    ),
    "merge of nothing": (
        {"kind": "subwords", "entries": ["a b", "ab abc"]},
        "a tokenizer's merge 'ab abc' is not of two tokens made before it; save it anew",
    ),
    "huge merge": (
        {"kind": "subwords", "entries": ["x" * 10**6]},
        f"a tokenizer's merge '{'x' * 40}' is not of two tokens made before it; save it anew",
    ),
    "merges that double": (
        {"kind": "subwords", "entries": [f"{'a' * 2**n} {'a' * 2**n}" for n in range(12)]},
        f"a tokenizer's merge '{'a' * 40}' makes a token of over 128 bytes; save it anew",
    ),
    "too many": (
        {"kind": "words", "entries": ["a"] * 2_000_001},
        "a tokenizer of 2000001 entries; there may be 2000000 at most",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_json_is_refused_in_one_line(name):
    value, message = HOSTILE[name]
    with pytest.raises(InputError) as caught:
        tokenizer_from_json(value)
    assert str(caught.value) == message


def test_a_kind_reads_only_its_own_json():
    words = learn_tokenizer("words", ["a"])
    with pytest.raises(InputError, match="this is not a tokenizer of characters; save it anew"):
        type(learn_tokenizer("characters", ["a"])).from_json(words.to_json())
