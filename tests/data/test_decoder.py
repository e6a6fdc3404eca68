import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ostinato import InputError
from ostinato.data import StreamDecoder, learn_tokenizer

TEXT = "한국 👩\u200d👧 café 👍🏽"
properties = settings(max_examples=100, deadline=None)
each_kind = pytest.mark.parametrize("kind", ["characters", "words", "subwords"])


@each_kind
@properties
@given(data=st.data())
def test_the_pieces_joined_are_what_decode_gives(kind, data):
    tokenizer = learn_tokenizer(kind, [TEXT])
    ids = data.draw(st.lists(st.integers(0, len(tokenizer) - 1)))
    decoder = StreamDecoder(tokenizer)
    assert "".join(map(decoder.push, ids)) + decoder.flush() == tokenizer.decode(ids)


@each_kind
def test_no_half_character_is_ever_given(kind):
    tokenizer = learn_tokenizer(kind, [TEXT])
    decoder = StreamDecoder(tokenizer)
    written = ""
    for token in tokenizer.encode(TEXT):
        written += decoder.push(int(token))
        assert TEXT.startswith(written)
    assert written == TEXT
    assert decoder.flush() == ""


def test_a_syllable_comes_with_its_last_byte():
    decoder = StreamDecoder(learn_tokenizer("subwords", ["a"]))
    assert [decoder.push(byte) for byte in "한a".encode()] == ["", "", "한", "a"]


def test_an_unfinished_character_is_replaced_at_the_end_and_forgotten():
    decoder = StreamDecoder(learn_tokenizer("subwords", ["a"]))
    assert decoder.push(0xED) == ""
    assert decoder.flush() == "\ufffd"
    assert decoder.push(ord("a")) == "a"


def test_an_id_there_is_not_is_refused():
    with pytest.raises(InputError, match="token id 256 is not one of"):
        StreamDecoder(learn_tokenizer("subwords", ["a"])).push(256)
