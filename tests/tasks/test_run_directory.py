import json
import signal
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from ostinato import InputError
from ostinato.data import publish
from ostinato.tasks._run_directory import check_free, locked, preparing

FACTS = {"hidden_size": 8, "validation": 0.1, "sha256": "ab"}


def prepare(directory: Path, facts=FACTS, *, threads=1, resume=False, overwrite=False, fail=None) -> Path:
    with (
        locked(directory),
        preparing(directory, facts, threads=threads, resume=resume, overwrite=overwrite) as work,
    ):
        (work / "tokens.bin").touch()
        if fail is not None:
            raise fail
    return work


def saved(directory: Path) -> Path:
    publish(directory, {"task": "lm"}, {"model.safetensors": b"weights"})
    return directory


def contents(folder: Path) -> dict[str, bytes | None]:
    return {
        str(path.relative_to(folder)): None if path.is_dir() else path.read_bytes()
        for path in folder.rglob("*")
    }


# A new run


@pytest.mark.parametrize("place", ["new", "new/below/it", "."])
def test_a_run_begins_where_there_is_nothing(tmp_path, place):
    work = prepare(tmp_path / place)
    assert work == tmp_path / place / "checkpoints"
    assert json.loads((work / "run.json").read_text()) == {**FACTS, "threads": 1}


def test_a_relative_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert prepare(Path("a/b")) == Path("a/b/checkpoints")


def test_numpy_s_numbers_are_numbers(tmp_path):
    facts = {"hidden_size": np.int64(8), "dropout": np.float32(0.5)}
    prepare(tmp_path / "a", facts)
    prepare(tmp_path / "a", {"hidden_size": 8, "dropout": 0.5}, resume=True)


FAILURES = pytest.mark.parametrize(
    "error",
    [InputError("too short"), KeyboardInterrupt(), MemoryError()],
    ids=lambda error: type(error).__name__,
)


@FAILURES
@pytest.mark.parametrize("place", ["new", "new/below/it", "there", "there/new"])
def test_a_failure_takes_away_exactly_what_was_made(tmp_path, error, place):
    (tmp_path / "there").mkdir()
    before = contents(tmp_path)
    with pytest.raises(type(error)):
        prepare(tmp_path / place, fail=error)
    assert contents(tmp_path) == before


def test_what_someone_else_put_there_meanwhile_stays(tmp_path):
    with (
        pytest.raises(InputError, match="too short"),
        locked(tmp_path / "a" / "b"),
        preparing(tmp_path / "a" / "b", FACTS, threads=1, resume=False, overwrite=False),
    ):
        (tmp_path / "a" / "note").write_text("mine")
        raise InputError("too short")
    assert contents(tmp_path) == {"a": None, "a/note": b"mine"}


# A directory in use


@pytest.mark.parametrize("hold", [saved, prepare], ids=["a model", "a run"])
def test_a_model_or_a_run_is_not_replaced_unasked(tmp_path, hold):
    hold(tmp_path / "a")
    before = contents(tmp_path)
    with pytest.raises(
        InputError, match=r"a is not empty: name another directory, or replace .* --overwrite"
    ):
        prepare(tmp_path / "a")
    assert contents(tmp_path) == before


def test_resuming_is_offered_where_there_is_a_run_only(tmp_path):
    saved(tmp_path / "model")
    prepare(tmp_path / "run")
    with pytest.raises(InputError, match=r"--overwrite$"):
        prepare(tmp_path / "model")
    with pytest.raises(InputError, match=r"or go on with its run with --resume$"):
        prepare(tmp_path / "run")


def a_file(folder: Path) -> None:
    (folder / "thesis.txt").write_text("years of work")


def another_config(folder: Path) -> None:
    (folder / "config.json").write_text('{"model_type": "gpt2"}')
    (folder / "model.safetensors").write_bytes(b"someone's")


def a_list_for_config(folder: Path) -> None:
    (folder / "config.json").write_text("[]")


def other_checkpoints(folder: Path) -> None:
    (folder / "checkpoints").mkdir()
    (folder / "checkpoints" / "epoch-1.pt").write_bytes(b"someone's")


def a_model_and_other_checkpoints(folder: Path) -> None:
    saved(folder)
    other_checkpoints(folder)


def a_file_named_checkpoints(folder: Path) -> None:
    (folder / "checkpoints").write_text("notes")


@pytest.mark.parametrize(
    "fill",
    [
        a_file,
        another_config,
        a_list_for_config,
        other_checkpoints,
        a_model_and_other_checkpoints,
        a_file_named_checkpoints,
    ],
)
@pytest.mark.parametrize("overwrite", [False, True], ids=["", "overwrite"])
@pytest.mark.parametrize("resume", [False, True], ids=["", "resume"])
def test_what_is_not_ours_is_never_touched(tmp_path, fill, overwrite, resume):
    fill(tmp_path)
    before = contents(tmp_path)
    with pytest.raises(InputError, match="it holds other files and no model of ours; name another directory"):
        prepare(tmp_path, overwrite=overwrite, resume=resume)
    assert contents(tmp_path) == before


@pytest.mark.parametrize("resume", [False, True], ids=["", "resume"])
def test_a_file_is_no_directory(tmp_path, resume):
    a_file(tmp_path)
    with pytest.raises(InputError, match=r"thesis.txt is a file: name a directory for the model$"):
        prepare(tmp_path / "thesis.txt", resume=resume, overwrite=True)


def test_a_directory_below_a_file_cannot_be_made(tmp_path):
    a_file(tmp_path)
    with pytest.raises(InputError, match=r"^cannot write .*thesis.txt/a: Not a directory$"):
        prepare(tmp_path / "thesis.txt" / "a")


def test_a_name_that_is_too_long(tmp_path):
    with pytest.raises(InputError, match="File name too long"):
        prepare(tmp_path / ("a" * 300))


def test_a_directory_that_cannot_be_written():
    with pytest.raises(InputError, match=r"^cannot write /proc/"):
        prepare(Path("/proc/ostinato/model"))


# Overwriting


def test_a_run_is_replaced(tmp_path):
    prepare(tmp_path)
    (tmp_path / "checkpoints" / "step-000000001.safetensors").touch()
    prepare(tmp_path, {"other": 1}, overwrite=True)
    assert json.loads((tmp_path / "checkpoints" / "run.json").read_text()) == {"other": 1, "threads": 1}
    assert sorted(contents(tmp_path)) == ["checkpoints", "checkpoints/run.json", "checkpoints/tokens.bin"]


def test_a_model_stays_whole_while_another_is_trained(tmp_path):
    before = contents(saved(tmp_path))
    prepare(tmp_path, overwrite=True)
    after = contents(tmp_path)
    assert {name: after[name] for name in before} == before


@FAILURES
@pytest.mark.parametrize("hold", [saved, prepare], ids=["a model", "a run"])
def test_a_failure_brings_back_what_was_to_be_replaced(tmp_path, hold, error):
    hold(tmp_path)
    (tmp_path / "note").write_text("mine")
    before = contents(tmp_path)
    with pytest.raises(type(error)):
        prepare(tmp_path, {"other": 1}, overwrite=True, fail=error)
    assert contents(tmp_path) == before


@pytest.mark.parametrize("overwrite", [False, True], ids=["", "overwrite"])
@pytest.mark.parametrize("resume", [False, True], ids=["", "resume"])
def test_what_a_killed_process_left_before_its_run_began_is_nothing(tmp_path, overwrite, resume):
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / ".run.json.abcd.part").write_text('{"hid')
    (tmp_path / ".publish.part").mkdir()
    (tmp_path / ".checkpoints.old").mkdir()
    (tmp_path / ".checkpoints.old" / "run.json").write_text("{}")
    prepare(tmp_path, overwrite=overwrite, resume=resume)
    assert not (tmp_path / ".checkpoints.old").exists()
    assert sorted(path.name for path in (tmp_path / "checkpoints").iterdir()) == ["run.json", "tokens.bin"]


# Going on


def test_a_run_goes_on_with_what_it_has(tmp_path):
    work = prepare(tmp_path)
    (work / "tokens.bin").write_bytes(b"tokens")
    with preparing(tmp_path, FACTS, threads=1, resume=True, overwrite=True) as again:
        assert again == work
        assert (work / "tokens.bin").read_bytes() == b"tokens"


def test_half_written_files_are_swept_away(tmp_path):
    work = prepare(tmp_path)
    (work / ".step-000000007.safetensors.abcd.part").write_bytes(b"half")
    prepare(tmp_path, resume=True)
    assert sorted(path.name for path in work.iterdir()) == ["run.json", "tokens.bin"]


@FAILURES
def test_a_failure_leaves_the_run_that_was_to_go_on(tmp_path, error):
    prepare(tmp_path)
    before = contents(tmp_path)
    with pytest.raises(type(error)):
        prepare(tmp_path, resume=True, fail=error)
    assert contents(tmp_path) == before


def test_the_facts_that_differ_are_named(tmp_path):
    prepare(tmp_path)
    with pytest.raises(InputError) as caught:
        prepare(tmp_path, {**FACTS, "hidden_size": 16, "validation": 0.2}, resume=True)
    assert str(caught.value) == (
        f"the run in {tmp_path} was started otherwise: hidden_size was 8 and is 16, "
        f"validation was 0.1 and is 0.2; "
        f"resume with what it was started with, or start again with --overwrite"
    )


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({**FACTS, "new": 1}, "new was None and is 1"),
        ({"hidden_size": 8, "validation": 0.1}, "sha256 was 'ab' and is"),
    ],
    ids=["one more", "one less"],
)
def test_facts_of_another_version_differ(tmp_path, facts, told):
    prepare(tmp_path)
    with pytest.raises(InputError, match=told):
        prepare(tmp_path, facts, resume=True)


@pytest.mark.parametrize(
    "content",
    [b"", b'{"hidden', b"[]", b"\xff", b"[" * 100_000],
    ids=["empty", "half", "a list", "no UTF-8", "of great depth"],
)
def test_a_damaged_run_is_named(tmp_path, content):
    work = prepare(tmp_path)
    (work / "run.json").write_bytes(content)
    with pytest.raises(InputError, match=r"run.json is damaged: start again with --overwrite$"):
        prepare(tmp_path, resume=True)
    prepare(tmp_path, overwrite=True)


def test_another_number_of_threads_is_told(tmp_path):
    prepare(tmp_path, threads=4)
    with pytest.warns(UserWarning, match=r"was started with 4 threads and goes on with 2: its numbers will"):
        prepare(tmp_path, threads=2, resume=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        prepare(tmp_path, threads=4, resume=True)


def test_a_run_of_before_threads_were_written_down_goes_on(tmp_path):
    work = prepare(tmp_path)
    (work / "run.json").write_text(json.dumps(FACTS))
    prepare(tmp_path, threads=2, resume=True)


# One process at a time

HOLD = """
import sys
from pathlib import Path
from ostinato.tasks._run_directory import locked
with locked(Path(sys.argv[1])):
    print("locked", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def other():
    """Another process that trains into a directory."""
    started = []

    def hold(directory: Path) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, "-c", HOLD, directory], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        started.append(process)
        assert process.stdout.readline() == b"locked\n"
        return process

    yield hold
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("hold", [saved, prepare], ids=["a model", "a run"])
@pytest.mark.parametrize("options", [{"resume": True}, {"overwrite": True}], ids=["resume", "overwrite"])
def test_a_live_run_is_not_touched(tmp_path, other, hold, options):
    hold(tmp_path / "a")
    before = contents(tmp_path)
    process = other(tmp_path / "a")
    with pytest.raises(InputError) as caught:
        prepare(tmp_path / "a", **{"overwrite": True, **options})
    assert str(caught.value) == (
        f"another process is training in {tmp_path / 'a'}: wait for it, or name another directory"
    )
    assert contents(tmp_path) == before
    process.communicate()
    prepare(tmp_path / "a", **{"overwrite": True, **options})


def test_a_directory_just_made_by_another_process_stays(tmp_path, other):
    process = other(tmp_path / "a")
    with pytest.raises(InputError, match="another process is training in"):
        prepare(tmp_path / "a")
    assert contents(tmp_path) == {"a": None}
    process.communicate()
    assert contents(tmp_path) == {}


def test_the_lock_of_a_killed_process_is_none(tmp_path, other):
    process = other(tmp_path)
    process.send_signal(signal.SIGKILL)
    process.wait()
    prepare(tmp_path)


@pytest.mark.parametrize("overwrite", [False, True], ids=["", "overwrite"])
def test_without_locks_the_run_of_a_quicker_process_stays(tmp_path, monkeypatch, overwrite):
    if overwrite:
        prepare(tmp_path)
    mkdir = Path.mkdir

    def mkdir_too_late(path: Path, *more, **options) -> None:
        monkeypatch.undo()
        mkdir(path)
        (path / "run.json").write_text("theirs")
        mkdir(path, *more, **options)

    monkeypatch.setattr(Path, "mkdir", mkdir_too_late)
    with (
        pytest.raises(InputError, match=r"^cannot write .*: (File exists|Directory not empty)$"),
        preparing(tmp_path, FACTS, threads=1, resume=False, overwrite=overwrite),
    ):
        pass
    assert (tmp_path / "checkpoints" / "run.json").read_text() == "theirs"


@pytest.mark.parametrize("hold", [None, saved, prepare], ids=["nothing", "a model", "a run"])
def test_a_place_is_free_if_it_may_be_overwritten(tmp_path, hold):
    if hold:
        hold(tmp_path)
    check_free(tmp_path, overwrite=True)
