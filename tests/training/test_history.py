import json

import pytest

from ostinato import InputError
from ostinato.training._history import History

RECORDS = [{"step": step, "valid_loss": 1 / step} for step in (1, 2, 3)]


def written(path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture
def path(tmp_path):
    history = History(tmp_path / "history.jsonl")
    for record in RECORDS:
        history.append(record)
    return tmp_path / "history.jsonl"


def test_records_are_lines_as_they_come(path):
    assert written(path) == RECORDS


def test_without_a_file_they_are_kept_in_memory():
    history = History(None)
    history.append(RECORDS[0])
    assert history.records == RECORDS[:1]


def test_a_new_run_begins_an_empty_history(path):
    assert History(path).records == []
    assert path.read_bytes() == b""


def test_a_run_that_goes_on_cuts_off_what_it_will_write_again(path):
    history = History(path, keep=1)
    assert written(path) == RECORDS[:1]
    history.append(RECORDS[1])
    assert written(path) == history.records == RECORDS[:2]


@pytest.mark.parametrize(
    "torn", [b'{"step": 4, "val', b"\xff\xfe", b"{}\n{"], ids=["line", "bytes", "two lines"]
)
def test_a_torn_end_is_cut_off(path, torn):
    with path.open("ab") as file:
        file.write(torn)
    assert History(path, keep=3).records == RECORDS
    assert written(path) == RECORDS


@pytest.mark.parametrize(
    "content",
    [None, b"", b'{"step": 1}\n', b'{"step": 1}\n{"st\n{"step": 3}\n', b"1\n2\n3\n"],
    ids=["gone", "empty", "too short", "torn in the middle", "no records"],
)
def test_a_history_without_what_the_run_goes_on_from_is_named(path, content):
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        History(path, keep=3)
    assert str(caught.value).startswith(f"{path} lacks the first 3 records of this run")
    assert "--overwrite" in str(caught.value)


def test_a_history_that_cannot_be_written_is_named(path):
    history = History(path)
    path.unlink()
    path.mkdir()
    with pytest.raises(InputError, match=r"^cannot write .*history.jsonl: Is a directory$"):
        history.append(RECORDS[0])


def test_numbers_that_json_has_not_are_refused(path):
    with pytest.raises(ValueError, match="JSON"):
        History(path).append({"step": 1, "loss": float("nan")})
