"""What stdin holds, as the batches that are answered together."""

import io
import sys
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ostinato._errors import InputError
from ostinato.cli import _inputs
from ostinato.cli._inputs import batches, stdin_lines


class Pipe(io.RawIOBase):
    """Bytes that come in pieces."""

    def __init__(self, pieces):
        self.pieces = list(pieces)

    def readable(self):
        return True

    def readinto(self, buffer):
        piece = self.pieces.pop(0) if self.pieces else b""
        buffer[: len(piece)] = piece
        return len(piece)


@pytest.fixture
def typed(monkeypatch):
    def call(*pieces):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(Pipe(pieces))))

    return call


def test_what_came_together_is_a_batch(typed):
    typed(b"a\nb\r\n", b"c\nd", b"e\n", b"f")
    found = list(batches(["-"], "text", {}, "translate"))
    assert [batch.names for batch in found] == [["a", "b"], ["c"], ["de"], ["f"]]
    assert [found[2].examples.place(0), found[3].examples.place(0)] == ["stdin, line 4", "stdin, line 5"]


def test_a_byte_order_mark_is_no_part_of_the_first_line(typed):
    typed("\ufeffa\n\ufeffb\n".encode())
    assert list(stdin_lines()) == ["a", "\ufeffb"]


def test_a_folder_named_like_a_table_is_no_missing_file(tmp_path):
    (tmp_path / "t.tsv").mkdir()
    with pytest.raises(InputError, match=r"t\.tsv is a folder, not a table"):
        list(batches([str(tmp_path / "t.tsv")], "text", {}, "translate"))


def test_a_batch_is_not_too_large(typed, monkeypatch):
    monkeypatch.setattr(_inputs, "_AT_A_TIME", 2)
    typed(b"a\nb\nc\n")
    assert [batch.names for batch in batches(["-"], "text", {}, "translate")] == [["a", "b"], ["c"]]


@settings(deadline=None)
@given(st.text(st.sampled_from("a한\r\n"), max_size=20), st.lists(st.integers(0, 40), max_size=5))
def test_lines_do_not_depend_on_the_pieces_they_came_in(text, cuts):
    data = text.encode()
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    pieces = [data[begin:end] for begin, end in pairwise(places) if begin < end]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(Pipe(pieces))))
        found = list(stdin_lines())
    assert found == list(_inputs.lines([text]))
