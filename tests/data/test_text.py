import tracemalloc
import unicodedata
from itertools import islice, pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ostinato import InputError
from ostinato.data import drop, fingerprint, read_text, take

# No surrogates, which no file can hold, and no NUL, which read_text refuses.
file_text = st.text(
    st.one_of(st.sampled_from("\r\n \t\u0301\u200d한é👩"), st.characters(exclude_categories=["Cs"])),
    min_size=1,
).filter(lambda text: "\0" not in text and not text.startswith("\ufeff"))
properties = settings(max_examples=150, deadline=None)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("text")


@properties
@given(texts=st.lists(file_text, min_size=1, max_size=3), size=st.integers(1, 20))
def test_the_chunks_joined_are_the_files_joined(folder, texts, size):
    paths = [folder / f"{number}.txt" for number in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_bytes(text.encode())
    chunks = list(read_text(paths, size))
    assert "".join(chunks) == "".join(texts)
    assert all(0 < len(chunk) <= size + 1 for chunk in chunks)


@properties
@given(text=file_text, size=st.integers(1, 20))
def test_a_line_s_end_is_never_parted(folder, text, size):
    path = folder / "lines.txt"
    path.write_bytes(text.encode())
    chunks = list(read_text([path], size))
    assert not any(a[-1] + b[0] == "\r\n" for a, b in pairwise(chunks))


@pytest.mark.parametrize(
    ("text", "size", "chunks"),
    [
        ("one\ntwo\nthree four", 9, ["one\ntwo\n", "three ", "four"]),
        ("one two", 5, ["one ", "two"]),
        ("one two", 4, ["one ", "two"]),
        ("abcdefg", 3, ["abc", "def", "g"]),
        ("ab\r\ncd", 3, ["ab", "\r\n", "cd"]),
        ("\r\n", 1, ["\r\n"]),
        ("abe\u0301d", 3, ["ab", "e\u0301d"]),
        (unicodedata.normalize("NFD", "가나"), 3, [unicodedata.normalize("NFD", c) for c in "가나"]),
        ("\u0301" * 5, 2, ["\u0301" * 2, "\u0301" * 2, "\u0301"]),
    ],
    ids=["lines", "words", "space last", "letters", "CRLF", "only CRLF", "accent", "Jamo", "only accents"],
)
def test_where_chunks_end(tmp_path, text, size, chunks):
    (tmp_path / "a").write_bytes(text.encode())
    assert list(read_text([tmp_path / "a"], size)) == chunks


def test_a_byte_order_mark_is_dropped_at_the_start_only(tmp_path):
    (tmp_path / "a").write_bytes("\ufeffone\ufeff".encode())
    (tmp_path / "b").write_bytes("\ufefftwo".encode())
    assert "".join(read_text([tmp_path / "a", tmp_path / "b"])) == "one\ufefftwo"


def test_names_may_be_strings(tmp_path):
    (tmp_path / "a").write_bytes(b"one")
    assert list(read_text([str(tmp_path / "a")])) == ["one"]


CONVERT = "convert it: iconv -f {} -t utf-8 F > NEW.txt"
BAD_CONTENT = {
    "empty": (b"", "F is empty; name a file with text in it"),
    "only a mark": (b"\xef\xbb\xbf", "F is empty; name a file with text in it"),
    "latin-1": (b"caf\xe9 au lait", "F: byte 3 (0xE9) is not UTF-8; " + CONVERT.format("ENCODING")),
    "after a mark": (b"\xef\xbb\xbfa\xff", "F: byte 4 (0xFF) is not UTF-8; " + CONVERT.format("ENCODING")),
    "late": (
        "한".encode() * 700_000 + b"\xc3(",
        "F: byte 2100000 (0xC3) is not UTF-8; " + CONVERT.format("ENCODING"),
    ),
    "cut short": ("a한".encode()[:-1], "F: byte 1 (0xED) is not UTF-8; " + CONVERT.format("ENCODING")),
    "surrogate": (b"\xed\xa0\x80", "F: byte 0 (0xED) is not UTF-8; " + CONVERT.format("ENCODING")),
    "UTF-16": ("\ufeffhello".encode("utf-16-le"), "F is UTF-16, not UTF-8; " + CONVERT.format("utf-16")),
    "UTF-16, big end": (
        "\ufeffhi".encode("utf-16-be"),
        "F is UTF-16, not UTF-8; " + CONVERT.format("utf-16"),
    ),
    "UTF-32": ("\ufeffhello".encode("utf-32-le"), "F is UTF-32, not UTF-8; " + CONVERT.format("utf-32")),
    "binary": (b"PK\x03\x04\0", "F: byte 4 is NUL (0x00), so this is not a text file; name text files"),
}


@pytest.mark.parametrize("name", BAD_CONTENT)
def test_content_that_is_no_text_is_refused_in_one_line(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    content, message = BAD_CONTENT[name]
    Path("F").write_bytes(content)
    with pytest.raises(InputError) as caught:
        list(read_text([Path("F")]))
    assert str(caught.value) == message


def test_a_file_name_in_a_command_is_quoted(tmp_path):
    (tmp_path / "my text").write_bytes(b"\xff")
    with pytest.raises(InputError, match=r"utf-8 '.*/my text' > NEW\.txt"):
        list(read_text([tmp_path / "my text"]))


@pytest.mark.parametrize(
    ("paths", "message"),
    [
        ([], "no text file was named; name one or more .txt files"),
        (["good", "none"], "none: no such file; check the name"),
        (["sub"], "sub is a folder; name the files in it, e.g. sub/*.txt"),
        (["good/x"], "good/x: cannot be read (Not a directory); check the name"),
        (["a\0b"], "a\0b: cannot be read (embedded null byte); check the name"),
        (
            ["/dev/null"],
            "/dev/null is not an ordinary file; save its text to one, for it is read more than once",
        ),
    ],
    ids=["none", "missing", "folder", "below a file", "NUL in the name", "device"],
)
def test_paths_that_are_no_text_files_are_refused_before_anything_is_read(
    tmp_path, monkeypatch, paths, message
):
    monkeypatch.chdir(tmp_path)
    Path("good").write_bytes(b"text")
    Path("sub").mkdir()
    with pytest.raises(InputError) as caught:
        read_text([Path(path) for path in paths])
    assert str(caught.value) == message


def test_an_unreadable_file_is_one_line(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    (tmp_path / "a").write_bytes(b"text")
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(InputError) as caught:
        list(read_text([tmp_path / "a"]))
    assert str(caught.value) == (
        f"{tmp_path / 'a'}: cannot be read (Permission denied); check the file and its permissions"
    )


def test_a_chunk_of_no_characters_is_refused(tmp_path):
    with pytest.raises(InputError, match="chunk_characters is 0; it must be 1 or more"):
        read_text([tmp_path], 0)


def test_a_large_file_is_never_whole_in_memory(tmp_path):
    with (tmp_path / "a").open("wb") as file:
        for _ in range(64):
            file.write(b"a line of text \n" * (1 << 16))
    tracemalloc.start()
    try:
        characters = sum(map(len, read_text([tmp_path / "a"])))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert characters == 64 << 20
    assert peak < 8 << 20


@properties
@given(chunks=st.lists(st.text()), count=st.integers(-2, 30))
def test_take_and_drop_part_a_text_at_a_character(chunks, count):
    text = "".join(chunks)
    assert "".join(take(chunks, count)) == text[: max(count, 0)]
    assert "".join(drop(chunks, count)) == text[max(count, 0) :]


def test_take_reads_no_further_than_it_must():
    read = []
    assert list(take((read.append(c) or c for c in ["ab", "cd", "ef"]), 3)) == ["ab", "c"]
    assert read == ["ab", "cd"]


@properties
@given(chunks=st.lists(st.text(st.characters())))
def test_the_fingerprint_is_of_the_text_not_its_chunks(chunks):
    assert fingerprint(chunks) == fingerprint(["".join(chunks)])


def test_the_fingerprint_is_sha256_of_utf8():
    assert fingerprint(["ab", "c"]) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_chunks_come_one_at_a_time(tmp_path):
    (tmp_path / "a").write_bytes(b"good\n" * 4 + b"\xff")
    assert list(islice(read_text([tmp_path / "a"], 5), 2)) == ["good\n", "good\n"]
