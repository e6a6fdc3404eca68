import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save

from ostinato import InputError
from ostinato.data import ModelDirectory, publish

FILES = {"a.json": b"[1]\n", "b.jsonl": b"1\n2\n", "c.safetensors": save({"w": np.ones((2, 3), np.float32)})}


def held(directory):
    """What a reader finds: config, and the content of each file."""
    saved = ModelDirectory(directory)
    return (
        saved.config["task"],
        saved.json("a.json"),
        saved.json_lines("b.jsonl"),
        saved.tensors("c.safetensors"),
    )


def files(number):
    return {**FILES, "a.json": json.dumps([number]).encode()}


def test_what_was_published_is_read(tmp_path):
    publish(tmp_path / "deep" / "m", {"task": "t"}, FILES)
    task, a, b, c = held(tmp_path / "deep" / "m")
    assert (task, a, b) == ("t", [1], [1, 2])
    np.testing.assert_array_equal(c["w"], np.ones((2, 3)))
    assert sorted(p.name for p in (tmp_path / "deep" / "m").iterdir()) == sorted(["config.json", *FILES])


def test_files_of_other_names_stay(tmp_path):
    (tmp_path / "notes").write_bytes(b"mine")
    publish(tmp_path, {"task": "t"}, FILES)
    assert (tmp_path / "notes").read_bytes() == b"mine"


class Killed(BaseException):
    pass


CALLS = ["mkdir", "write_bytes", "rename", "replace", "rmdir"]


@pytest.mark.parametrize("at", range(24))
def test_killed_at_any_moment_there_is_the_old_model_or_the_new_one(tmp_path, monkeypatch, at):
    publish(tmp_path / "m", {"task": "old"}, files(0))
    calls = iter(range(1000))

    def dying(original):
        def call(*arguments, **options):
            if next(calls) == at:
                raise Killed
            return original(*arguments, **options)

        return call

    for name in CALLS:
        monkeypatch.setattr(Path, name, dying(getattr(Path, name)))
    with contextlib.suppress(Killed):
        publish(tmp_path / "m", {"task": "new"}, files(1))
    monkeypatch.undo()
    assert held(tmp_path / "m")[:2] in (("old", [0]), ("new", [1]))
    publish(tmp_path / "m", {"task": "newer"}, files(2))
    assert held(tmp_path / "m")[:2] == ("newer", [2])
    assert sorted(p.name for p in (tmp_path / "m").iterdir()) == sorted(["config.json", *FILES])


@pytest.mark.parametrize("new", [True, False], ids=["nothing-before", "a-model-before"])
def test_a_full_disk_changes_nothing(tmp_path, monkeypatch, new):
    if not new:
        publish(tmp_path / "x" / "m", {"task": "old"}, files(0))

    def full(self, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(InputError) as caught:
        publish(tmp_path / "x" / "m", {"task": "new"}, files(1))
    assert str(caught.value) == (
        f"cannot save the model in {tmp_path / 'x' / 'm'}: No space left on device; "
        f"what was there is as it was"
    )
    if new:
        assert not (tmp_path / "x").exists()
    else:
        assert held(tmp_path / "x" / "m")[:2] == ("old", [0])
        assert not list((tmp_path / "x" / "m").glob(".*"))


@pytest.mark.parametrize("name", [".publish", ".publish.part"])
def test_a_link_in_the_place_of_its_own_folder_is_not_followed(tmp_path, name):
    publish(tmp_path / "m", {"task": "old"}, files(0))
    publish(tmp_path / "other", {"task": "other"}, files(7))
    (tmp_path / "m" / name).symlink_to(tmp_path / "other")
    if name == ".publish":
        with pytest.raises(InputError, match="is a link that leads out of the model directory"):
            held(tmp_path / "m")
    else:
        assert held(tmp_path / "m")[0] == "old"
    publish(tmp_path / "m", {"task": "new"}, files(1))
    assert held(tmp_path / "m")[:2] == ("new", [1])
    assert held(tmp_path / "other")[:2] == ("other", [7])


def test_shapes_are_compared_before_any_memory_is_taken(tmp_path):
    publish(tmp_path, {"task": "t"}, FILES)
    saved = ModelDirectory(tmp_path)
    assert saved.tensors("c.safetensors", {"w": (2, 3)})["w"].sum() == 6
    with pytest.raises(InputError, match=r"tensor w has shape \[2, 3\]; by its config.json .* \[3, 2\]"):
        saved.tensors("c.safetensors", {"w": (3, 2)})


def test_a_limit_on_a_file(tmp_path):
    publish(tmp_path, {"task": "t"}, FILES)
    with pytest.raises(InputError, match="bytes; at most 10 are read"):
        ModelDirectory(tmp_path).tensors("c.safetensors", limit=10)


@pytest.mark.parametrize("name", ["config.json", *FILES])
def test_a_sparse_file_of_terabytes_fits_into_a_gigabyte(tmp_path, name):
    publish(tmp_path, {"task": "t"}, FILES)
    os.truncate(tmp_path / name, 1 << 42)
    code = """
import resource, sys
from pathlib import Path
from ostinato.data import ModelDirectory
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
try:
    saved = ModelDirectory(Path(sys.argv[1]))
    saved.json("a.json"), saved.json_lines("b.jsonl")
    saved.tensors("c.safetensors", {"w": (1 << 20, 1 << 20)})
except ValueError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
    assert f"{tmp_path / name} has 4,398,046,511,104 bytes; at most" in done.stdout
