"""history.jsonl: one JSON object per evaluation, in the order of the steps."""

import json
from pathlib import Path
from typing import Any

from ostinato._errors import InputError
from ostinato._files import write_bytes

Record = dict[str, Any]


class History:
    """The records of a run, kept in a file as they come.

    Args:
        path: the .jsonl file, or None to keep them in memory only.
        keep: how many records of an existing file belong to the run that goes on; the rest are cut off.
    """

    def __init__(self, path: Path | None, keep: int = 0) -> None:
        self.path = path
        self.records: list[Record] = []
        if path is not None:
            self.records = _read(path)[:keep] if keep else []
            write_bytes(path, b"".join(_line(record) for record in self.records))

    def append(self, record: Record) -> None:
        """Add one record, to the file as well."""
        self.records.append(record)
        if self.path is not None:
            with self.path.open("ab") as file:
                file.write(_line(record))


def _line(record: Record) -> bytes:
    return (json.dumps(record, allow_nan=False) + "\n").encode()


def _read(path: Path) -> list[Record]:
    # Lines past the last checkpoint may be torn by a crash; they are not read, as they will be written again.
    records: list[Record] = []
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError as error:
        raise InputError(
            f"{path} is gone: this run cannot be resumed; start again with --overwrite"
        ) from error
    for line in lines:
        try:
            records.append(json.loads(line))
        except ValueError:
            break
    return records
