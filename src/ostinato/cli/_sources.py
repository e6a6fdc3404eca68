"""What a training command is given to learn from, read."""

from pathlib import Path

from ostinato._errors import InputError
from ostinato.cli._train_options import share_or_path
from ostinato.data import Columns, Examples, read_examples


def read_source(
    path: Path,
    task: str,
    inputs: list[str] | None,
    target: str | list[str] | None,
    identity: str | None,
    kind: str,
) -> Examples:
    """The examples of a file or folder, by the options that name its columns."""
    named = bool(inputs or target or identity)
    targets = tuple(target) if isinstance(target, list) and len(target) > 1 else target
    if isinstance(targets, list):
        targets = targets[0] if targets else None
    columns = Columns(tuple(inputs or ()), targets, identity, kind) if named or kind != "auto" else None
    return read_examples(path, columns, task=task)


def read_validation(value: str, examples: Examples, task: str) -> float | Examples:
    """What --valid says: a share, or the examples of another file, read as those of training."""
    share = share_or_path(value)
    return share if isinstance(share, float) else read_like(share, examples.origin, task)


def read_like(path: Path, origin: object, task: str, *, targets: bool = True) -> Examples:
    """The examples of a file, read as the model's training file was."""
    saved = origin.get("columns") if isinstance(origin, dict) else None
    is_table = not path.is_dir() and path.suffix.lower() != ".ts"
    if is_table and saved is None:
        raise InputError(
            f"{path}: the model was not trained on a table, so there are no columns to look for: evaluate it "
            f"on a .ts file or a folder like that of training"
        )
    return read_examples(path, Columns.from_json(saved) if is_table else None, task=task, targets=targets)
