from pathlib import Path

import numpy as np
import polars as pl
import pytest

from ostinato import InputError
from ostinato.data import fingerprint
from ostinato.tasks import _texts
from ostinato.tasks._texts import Texts


class Place:
    """A path of another library."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __fspath__(self) -> str:
        return str(self.path)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "a").write_text("first\n")
    (tmp_path / "b").write_text("zwei, 셋")
    return tmp_path


def whole(X) -> str:
    text = Texts(X)
    assert text.measured() == (fingerprint(text.chunks()), sum(map(len, text.chunks())))
    return "".join(text.chunks())


@pytest.mark.parametrize(
    "X",
    [
        ["one", "two\n", ""],
        ("one", "two\n", ""),
        (line for line in ["one", "two", ""]),
        np.array(["one", "two\n", ""]),
        np.array(["one", "two\n", ""], dtype=object),
        pl.Series(["one", "two\n", ""]),
        {"a": "one", "b": "two", "c": ""}.values(),
    ],
    ids=["list", "tuple", "generator", "array", "array of objects", "data frame column", "view"],
)
def test_each_string_of_several_is_a_line(X):
    assert whole(X) == "one\ntwo\n\n"


def test_one_string_is_the_text_as_it_is():
    assert whole("one\ntwo") == "one\ntwo"


def test_a_string_is_no_path(folder):
    assert whole(str(folder / "a")) == str(folder / "a")


@pytest.mark.parametrize("kind", [Path, Place])
def test_a_path_is_a_file(folder, kind):
    assert whole(kind(folder / "b")) == "zwei, 셋"


@pytest.mark.parametrize(
    "several", [list, tuple, lambda paths: np.array(paths, dtype=object)], ids=["list", "tuple", "array"]
)
def test_files_follow_one_another(folder, several):
    assert whole(several([folder / "a", folder / "b"])) == "first\nzwei, 셋"


def test_a_text_can_be_read_again(folder):
    for X in ("abc", folder / "a", (line for line in "abc")):
        text = Texts(X)
        assert list(text.chunks()) == list(text.chunks()) != []


@pytest.mark.parametrize(
    ("X", "complaint"),
    [
        (None, "not NoneType"),
        (5, "not int"),
        (True, "not bool"),
        (b"abc", "not bytes"),
        ({"a": "b"}, "not dict"),
        ([b"abc"], "not bytes"),
        (["a", Path("b")], "not PosixPath, str"),
        (["a", None], "not NoneType, str"),
        (pl.Series(["a", None]), "not NoneType, str"),
        (pl.Series([1, 2]), "not int"),
        ([["a"], ["b"]], "not list"),
        (pl.DataFrame({"a": ["b"]}), "not Series"),
        (np.array("a"), "one dimension, not 0"),
        (np.array([["a"]]), "one dimension, not 2"),
        ([], "the list of texts is empty"),
        (np.array([], dtype=str), "the list of texts is empty"),
        ("", "every string is empty"),
    ],
    ids=[
        "None",
        "number",
        "truth",
        "bytes",
        "dict",
        "list of bytes",
        "mixed",
        "missing value",
        "null in a column",
        "column of numbers",
        "nested",
        "data frame",
        "array of no dimension",
        "table",
        "empty list",
        "empty array",
        "empty string",
    ],
)
def test_anything_else_is_refused(X, complaint):
    with pytest.raises(InputError) as caught:
        Texts(X)
    assert complaint in str(caught.value)


def test_a_long_string_is_cut_where_no_token_is(monkeypatch):
    monkeypatch.setattr(_texts, "_CHUNK", 8)
    assert list(Texts("one\ntwo\nthree four fivesixseveneight").chunks()) == [
        "one\ntwo\n", "three ", "four ", "fivesixs", "eveneigh", "t",
    ]  # fmt: skip
