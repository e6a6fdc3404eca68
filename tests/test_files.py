import json
import os
import stat
from pathlib import Path

import pytest

from ostinato._errors import InputError, one_line
from ostinato._files import replacing, write_bytes, write_json


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_a_new_file_appears_and_nothing_else(tmp_path):
    write_bytes(tmp_path / "a", b"new")
    assert (tmp_path / "a").read_bytes() == b"new"
    assert names(tmp_path) == ["a"]


def test_the_old_file_stays_until_the_block_ends(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    with replacing(path) as part:
        part.write_bytes(b"new")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, InputError])
def test_an_error_in_the_block_leaves_the_old_file_and_no_trace(tmp_path, error):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    with pytest.raises(error), replacing(path) as part:
        part.write_bytes(b"half")
        raise error("stop")
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["a"]


def test_a_full_disk_is_one_line_naming_the_file(tmp_path):
    path = tmp_path / "a"
    with pytest.raises(InputError) as caught, replacing(path):
        raise OSError(28, "No space left on device")
    assert str(caught.value) == f"cannot write {path}: No space left on device; nothing was changed"
    assert names(tmp_path) == []


def test_a_missing_folder_is_one_line_naming_the_file(tmp_path):
    path = tmp_path / "no" / "a"
    with pytest.raises(InputError) as caught:
        write_bytes(path, b"")
    assert str(caught.value) == f"cannot write {path}: No such file or directory"


def test_a_folder_is_not_replaced(tmp_path):
    (tmp_path / "a").mkdir()
    with pytest.raises(InputError, match="nothing was changed"):
        write_bytes(tmp_path / "a", b"")
    assert names(tmp_path) == ["a"]


def test_a_name_in_the_current_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_bytes(Path("a"), b"new")
    assert (tmp_path / "a").read_bytes() == b"new"


def test_permissions_are_those_of_an_ordinary_file(tmp_path):
    mask = os.umask(0o027)
    try:
        write_bytes(tmp_path / "a", b"")
    finally:
        os.umask(mask)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o640


def test_json_is_readable_utf8(tmp_path):
    write_json(tmp_path / "a.json", {"é": [1, None]})
    assert (tmp_path / "a.json").read_bytes() == '{\n  "é": [\n    1,\n    null\n  ]\n}\n'.encode()


def test_json_that_no_other_reader_takes_is_refused(tmp_path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "a.json", float("nan"))
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ValueError("first\nsecond"), "first"),
        (ValueError(""), "ValueError"),
        (json.JSONDecodeError("bad", "x", 0), "bad: line 1 column 1 (char 0)"),
    ],
    ids=["two lines", "no message", "a library's"],
)
def test_a_library_s_complaint_in_one_line(error, line):
    assert one_line(error) == line
