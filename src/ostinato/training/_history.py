"""history.jsonl: one JSON object per evaluation, in the order of the steps."""

import json
import os
from pathlib import Path
from typing import Any

from ostinato._errors import InputError
from ostinato._files import json_line, write_bytes

Record = dict[str, Any]


class History:
    """The records of a run, kept in a file as they come.

    Args:
        path: the .jsonl file, or None to keep them in memory only.
        keep: how many records of an existing file belong to the run that goes on; the rest are cut off.

    Raises:
        InputError: the file cannot be written, or lacks records that are to be kept.
    """

    def __init__(self, path: Path | None, keep: int = 0) -> None:
        self.path = path
        self.records: list[Record] = []
        if path is not None:
            self.records = _read(path, keep)
            write_bytes(path, b"".join(json_line(record) for record in self.records))

    def append(self, record: Record) -> None:
        """Add one record, to the file as well.

        Raises:
            InputError: it cannot be written; what it left of a line is cut off when the run goes on.
        """
        self.records.append(record)
        if self.path is None:
            return
        try:
            with self.path.open("ab") as file:
                file.write(json_line(record))
                file.flush()
                os.fsync(file.fileno())  # the checkpoint that follows counts on it
        except OSError as error:
            raise InputError(f"cannot write {self.path}: {error.strerror}") from error


def _read(path: Path, count: int) -> list[Record]:
    """The first `count` records; what follows them may be torn by a crash and is not looked at."""
    if count == 0:
        return []
    try:
        records = [json.loads(line) for line in path.read_bytes().splitlines()[:count]]
    except (OSError, ValueError):
        records = []
    if len(records) < count or not all(isinstance(record, dict) for record in records):
        raise InputError(
            f"{path} lacks the first {count} records of this run, which cannot be resumed without them: "
            f"start again with --overwrite"
        )
    return records
