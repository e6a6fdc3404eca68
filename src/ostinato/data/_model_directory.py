"""A saved model: a folder of plain files that is safe to take from a stranger.

`config.json` says what the model is and holds the SHA-256 of every other file; weights are safetensors;
everything else is JSON. Nothing is ever executed, followed out of the folder, or allocated because a file
merely says so.

The folder changes as a whole. New files are first completed in `.publish.part/`; renaming that to `.publish/`
is the moment the new model replaces the old one; moving the files to their places comes after. A reader looks
in `.publish/` first, so whenever the writer is killed, there is the old model or the new one.
"""

import hashlib
import json
import os
import re
import shutil
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from ostinato._errors import InputError, one_line
from ostinato._files import file_sha256, json_bytes, sync
from ostinato._memory import total_memory

FORMAT = "ostinato-model"
VERSION = 1
BASELINE = "baseline.safetensors"  # what a model is compared to, or remembers
LARGEST_BASELINE = 1 << 29  # bytes

_MAX_CONFIG = 1 << 20  # bytes
_MAX_JSON = 1 << 27  # bytes; two million words, the largest vocabulary, take less than half of it
UNPUBLISHED, _COMPLETE = ".publish.part", ".publish"  # the first is rubbish once its writer is gone

_SHA256 = re.compile("[0-9a-f]{64}")

Shapes = Mapping[str, tuple[int, ...]]


def publish(directory: Path, config: Mapping[str, Any], files: Mapping[str, bytes]) -> None:
    """Make `directory` hold this model; a model that was there is replaced in one moment.

    Args:
        directory: made if it is missing; files of other names stay.
        config: the task and its parameters, JSON-able; format, version and checksums are added.
        files: contents by plain file name.

    Raises:
        InputError: something cannot be written; the old model, if any, is still whole.
    """
    checksums = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    full = {"format": FORMAT, "format_version": VERSION, **config, "files": checksums}
    part, complete = directory / UNPUBLISHED, directory / _COMPLETE
    missing = [path for path in (directory, *directory.parents) if not os.path.lexists(path)]
    try:
        directory.mkdir(parents=True, exist_ok=True)
        _move_into_place(directory)  # what a killed writer had completed
        _remove(part)
        part.mkdir()
        for name, content in {"config.json": json_bytes(full), **files}.items():
            (part / name).write_bytes(content)
            sync(part / name)
        sync(part)
        part.rename(complete)
        sync(directory)
        with suppress(OSError):  # then the next writer does; readers look there first
            _move_into_place(directory)
    except OSError as error:
        with suppress(OSError):
            _remove(part)
        with suppress(OSError):
            for path in missing:
                path.rmdir()
        raise InputError(
            f"cannot save the model in {directory}: {error.strerror or error}; what was there is as it was"
        ) from error


def is_model(directory: Path) -> bool:
    """Whether a model of ours, of whatever task and version, is in a directory."""
    for path in (directory / _COMPLETE / "config.json", directory / "config.json"):
        with suppress(OSError, ValueError, RecursionError):
            config = json.loads(path.read_bytes())
            if isinstance(config, dict) and config.get("format") == FORMAT:
                return True
    return False


def _move_into_place(directory: Path) -> None:
    complete = directory / _COMPLETE
    if complete.is_symlink():  # of a stranger: what it points to is not ours to move
        complete.unlink()
    if complete.is_dir():
        for path in complete.iterdir():
            path.replace(directory / path.name)
        sync(directory)
        complete.rmdir()


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


class ModelDirectory:
    """An opened model directory: `config`, and the other files after their checksums were found right.

    `config_sha256` is the SHA-256 of config.json, which holds those of all other files: it tells the model
    from any other.

    Raises:
        InputError: for anything that is not a whole, readable model directory of this format, in one line.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.stat()
        except FileNotFoundError as error:
            raise InputError(
                f"{path} does not exist: name the directory that `train … -o DIR` wrote"
            ) from error
        except OSError as error:
            raise InputError(f"cannot read {path}: {error.strerror}") from error
        if not path.is_dir():
            raise InputError(f"{path} is not a directory: name the directory that `train … -o DIR` wrote")
        if not self._locate("config.json").exists():
            if (path / "checkpoints").is_dir():
                raise InputError(f"{path} holds an unfinished run: finish it with `train … --resume` first")
            raise InputError(f"{path} is not a model directory: it has no config.json")
        content = self._read("config.json", _MAX_CONFIG)
        self.config = self._parse("config.json", content)
        self.config_sha256 = hashlib.sha256(content).hexdigest()
        self._check_config()

    def json(self, name: str) -> Any:
        """The content of a JSON file."""
        return self._parse(name, self._checked(name, _MAX_JSON))

    def json_lines(self, name: str) -> list[Any]:
        """The values of a file with one JSON value a line."""
        return [self._parse(name, line) for line in self._checked(name, _MAX_JSON).splitlines()]

    def tensors(
        self, name: str, expected: Shapes | None = None, *, limit: int | None = None
    ) -> dict[str, NDArray[Any]]:
        """The arrays of a safetensors file.

        Args:
            name: the file.
            expected: name and shape of every float32 tensor there must be; no memory is taken for a file that
                says otherwise. None: whatever the file holds.
            limit: the most bytes the file may have; None: as many as the machine has memory.
        """
        path = self._locate(name)
        self._check_file(name, total_memory() if limit is None else limit)
        try:
            with safe_open(path, framework="numpy") as file:
                slices = {key: file.get_slice(key) for key in file.keys()}  # noqa: SIM118
                if expected is not None:
                    self._compare(name, slices, expected)
                self._check_sum(name, file_sha256(path))
                return {key: file.get_tensor(key) for key in slices}
        except InputError:
            raise
        except (SafetensorError, OSError, ValueError, TypeError, AttributeError, KeyError) as error:
            raise InputError(f"{path} is damaged: {one_line(error)}") from error

    def _check_config(self) -> None:
        path, config = self.path / "config.json", self.config
        if not isinstance(config, dict) or config.get("format") != FORMAT:
            raise InputError(f"{path} is not the configuration of an Ostinato model")
        version = config.get("format_version")
        if not isinstance(version, int) or isinstance(version, bool) or version < 1:
            raise InputError(f"{path}: format_version is {version!r}, not a number from 1 on")
        if version > VERSION:
            raise InputError(
                f"{path} has format {version} and this Ostinato reads up to {VERSION}: "
                f"upgrade with `pip install -U ostinato`"
            )
        files = config.get("files")
        if not isinstance(files, dict):
            raise InputError(f"{path}: `files` is not a table of checksums")
        for name, checksum in files.items():
            if not name or name.startswith(".") or Path(name).name != name or "\\" in name or "\0" in name:
                raise InputError(f"{path} names {name!r}, which is not a file of the directory itself")
            if not isinstance(checksum, str) or not _SHA256.fullmatch(checksum):
                raise InputError(f"{path}: what stands for {name!r} in `files` is no SHA-256")

    def _locate(self, name: str) -> Path:
        fresh = self.path / _COMPLETE / name
        return fresh if fresh.exists() else self.path / name

    def _checked(self, name: str, limit: int) -> bytes:
        content = self._read(name, limit)
        self._check_sum(name, hashlib.sha256(content).hexdigest())
        return content

    def _check_sum(self, name: str, sha256: str) -> None:
        if name not in self.config["files"]:
            raise InputError(f"{self.path / 'config.json'} has no checksum of {name}")
        if sha256 != self.config["files"][name]:
            raise InputError(
                f"{self.path / name} is not the file that was saved with this model "
                f"(its SHA-256 differs): it was cut short or changed"
            )

    def _read(self, name: str, limit: int) -> bytes:
        self._check_file(name, limit)
        try:
            return self._locate(name).read_bytes()
        except OSError as error:
            raise InputError(f"cannot read {self.path / name}: {error.strerror}") from error

    def _check_file(self, name: str, limit: int) -> None:
        path = self._locate(name)
        try:
            if not path.resolve().is_relative_to(self.path.resolve()):
                raise InputError(f"{path} is a link that leads out of the model directory: not followed")
            status = path.stat()
        except FileNotFoundError as error:
            raise InputError(f"{self.path} is incomplete: {name} is missing") from error
        except (OSError, RuntimeError) as error:
            raise InputError(f"cannot read {path}: {one_line(error)}") from error
        if not stat.S_ISREG(status.st_mode):
            raise InputError(f"{path} is not an ordinary file")
        if status.st_size > limit:
            raise InputError(f"{path} has {status.st_size:,} bytes; at most {limit:,} are read")

    def _parse(self, name: str, content: bytes) -> Any:
        try:
            return json.loads(content)
        except (ValueError, RecursionError) as error:
            raise InputError(f"{self.path / name} is not valid JSON: {one_line(error)}") from error

    def _compare(self, name: str, found: Mapping[str, Any], expected: Shapes) -> None:
        path = self.path / name
        for key in sorted(found.keys() | expected.keys()):
            if key not in found:
                raise InputError(f"{path} lacks the tensor {key} that its config.json asks for")
            if key not in expected:
                raise InputError(f"{path} has a tensor {key!r} that its config.json does not know")
            kind, shape = found[key].get_dtype(), found[key].get_shape()
            if kind != "F32":
                raise InputError(f"{path}: tensor {key} is {kind}, not F32")
            if tuple(shape) != tuple(expected[key]):
                raise InputError(
                    f"{path}: tensor {key} has shape {list(shape)}; by its config.json it should have "
                    f"{list(expected[key])}"
                )
