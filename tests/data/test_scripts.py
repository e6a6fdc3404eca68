"""Scripts: which ones the letters of a text are of."""

import pytest

from ostinato.data import scripts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello, World 42!", {"LATIN"}),
        ("안녕 hello", {"HANGUL", "LATIN"}),
        ("Привет", {"CYRILLIC"}),
        ("日本のコーヒー", {"CJK", "HIRAGANA", "KATAKANA"}),
        ("é" + "e\u0301", {"LATIN"}),
        ("3 + 4 = 7 🙂 {}", set()),
        ("", set()),
        ("\ud800", set()),
    ],
    ids=["latin", "two", "cyrillic", "japanese", "accents", "no letters", "empty", "surrogate"],
)
def test_scripts(text, expected):
    assert scripts(text) == expected
