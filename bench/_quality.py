"""What the sections of docs/results.md share: the commands a user types, and means over seeds."""

import json
import statistics
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "examples" / "data"


def ostinato(*arguments: object) -> Any:
    """What a command prints with --json; its progress and its complaints are shown."""
    command = [str(Path(sys.executable).parent / "ostinato"), *map(str, arguments), "--json"]
    print("$ ostinato", *map(str, arguments), file=sys.stderr, flush=True)
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)


@contextmanager
def folder() -> Iterator[Path]:
    """A folder for models and made data, gone afterwards."""
    with TemporaryDirectory(prefix="ostinato-") as name:
        yield Path(name)


def write_table(path: Path, rows: Iterable[Mapping[str, Any]]) -> Path:
    """Write a .jsonl table, and return its path."""
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text("".join(lines), encoding="utf-8")
    return path


def mean(values: Sequence[float], form: str = ".3f") -> str:
    """Mean ± standard deviation; the mean alone of a single value."""
    average = f"{statistics.mean(values):{form}}"
    return average if len(values) < 2 else f"{average} ± {statistics.stdev(values):{form}}"


def seconds(runs: Sequence[dict[str, Any]]) -> str:
    """The mean of their seconds of training."""
    return f"{statistics.mean(run['seconds'] for run in runs):.0f} s"


def table(headings: Sequence[str], *rows: Sequence[str]) -> str:
    """A Markdown table."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
