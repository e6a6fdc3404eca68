"""Which fonts are taken for a text."""

from types import SimpleNamespace

import pytest
from matplotlib import font_manager

from ostinato.inspect._fonts import font_families

LETTERS = {"/dejavu": "abc", "/서울체": "가나", "/明朝": "漢가", "/last": "abc가나漢\uffff"}


@pytest.fixture
def installed(monkeypatch):
    """Fonts of a few letters each, and one that is there no more."""

    def get_font(path):
        if path == "/gone":
            raise FileNotFoundError
        return SimpleNamespace(get_charmap=lambda: {ord(letter): 1 for letter in LETTERS[path]})

    names = {"Last Resort X": "/last", "Gone": "/gone", "서울체": "/서울체", "明朝": "/明朝"}
    fonts = [SimpleNamespace(name=name, fname=path) for name, path in names.items()]
    manager = SimpleNamespace(ttflist=fonts, findfont=lambda _: "/dejavu")
    monkeypatch.setattr(font_manager, "fontManager", manager)
    monkeypatch.setattr(font_manager, "get_font", get_font)


@pytest.mark.parametrize(
    ("text", "families"),
    [
        ("", []),
        ("cab\n", []),
        ("a가", ["서울체"]),
        ("漢", ["明朝"]),
        ("가나漢", ["서울체", "明朝"]),
        ("\uffff", []),
        ("ж", []),
    ],
)
def test_those_that_have_its_letters(installed, text, families):
    assert font_families(text) == ["DejaVu Sans", *families]
