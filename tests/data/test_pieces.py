import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ostinato.data._pieces import split

properties = settings(max_examples=300, deadline=None)


@pytest.mark.parametrize(
    "pieces",
    [
        ["Don't", " go", ",", " she", " said", "."],
        ["‘", "twas", " o’clock", "’"],
        ["a", "  ", " b", "\t", "\t", "c", "  "],
        ["one", "\r\n", "\n", "  \n", "two"],
        ["in", " 1817", ",", " 3", "rd", " x86"],
        ["한국어를", " 배운다", "."],
        [unicodedata.normalize("NFD", "한국어를"), unicodedata.normalize("NFD", " 배운다")],
        ["cafe\u0301", " au"],
        ["हिन्दी", " में"],
        ["می\u200cخواهم"],
        ["👩\u200d👩\u200d👧", "👍🏽", "🇰🇷", "🇬🇧", " ❤\ufe0f", "1\ufe0f\u20e3"],
        ["🏴\U000e0067\U000e0062\U000e007f"],
        [".", ".", "."],
        ["a" * 64, "a" * 6],
        [" " * 64, " " * 35, " x"],
        ["\ud800", "\0"],
    ],
    ids=lambda pieces: ascii("|".join(pieces))[:40],
)
def test_where_pieces_begin_and_end(pieces):
    assert split("".join(pieces)) == pieces


text = st.text(st.one_of(st.sampled_from("ab'’ \t\r\n1\u0301\u200d👩🏽🇰"), st.characters()))


@properties
@given(text=text)
def test_pieces_joined_are_the_text(text):
    assert "".join(split(text)) == text
    assert "" not in split(text)


@properties
@given(before=text, after=text)
def test_a_cut_after_a_newline_cuts_no_piece(before, after):
    assert split(before + "\n") + split(after) == split(before + "\n" + after)


@pytest.mark.parametrize("unit", ["a", " ", "1", "\u0301", "a'", "👩\u200d", ".", "🇰", " \t", "e\u0301"])
def test_no_piece_grows_without_end(unit):
    assert max(map(len, split(unit * 10_000))) < 300
