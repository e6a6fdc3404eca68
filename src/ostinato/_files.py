"""Files are written whole or not at all.

`replacing(path)` hands out a temporary name beside `path`; leaving the block without an error flushes it to
the disk and renames it over `path`, which POSIX and Windows do in one step. After a crash there is the old
file or the new one.
"""

import hashlib
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from ostinato._errors import InputError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Write to the yielded path; it becomes `path` at the end, or on any error is removed, `path` untouched.

    Raises:
        InputError: the disk is full or the folder cannot be written; the message names `path`.
    """
    part = path.parent / f".{path.name}.{secrets.token_hex(4)}.part"
    try:
        part.touch(exist_ok=False)
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}") from error
    try:
        yield part
        sync(part)
        part.replace(path)
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror or error}; nothing was changed") from error
    finally:
        part.unlink(missing_ok=True)
    with suppress(OSError):  # the new file is in place; some file systems cannot flush a folder
        sync(path.parent)


def write_bytes(path: Path, content: bytes) -> None:
    """Replace `path` by a file of these bytes, whole or not at all."""
    with replacing(path) as part:
        part.write_bytes(content)


def write_json(path: Path, value: Any) -> None:
    """Replace `path` by `value` as indented UTF-8 JSON, whole or not at all."""
    write_bytes(path, json_bytes(value))


def json_bytes(value: Any) -> bytes:
    """A value as indented UTF-8 JSON, as it lies in a file."""
    return (json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n").encode()


def json_line(value: Any) -> bytes:
    """A value as a line of a .jsonl file."""
    return (json.dumps(value, allow_nan=False) + "\n").encode()


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal; the file is not held in memory."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync(path: Path) -> None:
    """Have the system put a file, or a folder's entries, on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
