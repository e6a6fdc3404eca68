"""What a command is given to learn from or to be measured on, read."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ostinato._errors import InputError, ParameterError
from ostinato.cli._train_options import share_or_path

if TYPE_CHECKING:
    from ostinato.data import Columns, Examples


# By task, where an option is not named like what it says of the columns.
_PARAMETERS = {
    ("generate", "input"): "given",
    ("translate", "input"): "source",
    ("translate", "kind"): "source_kind",
}


def named_columns(
    inputs: list[str] | None, target: str | list[str] | None, identity: str | None = None, kind: str = "auto"
) -> "Columns":
    """The columns that options name."""
    from ostinato.data import Columns

    names = (target,) if isinstance(target, str) else tuple(target or ())
    return Columns(tuple(inputs or ()), names if len(names) > 1 else next(iter(names), None), identity, kind)


def read_training(
    data: Path, columns: "Columns", valid: str, task: str
) -> tuple["Examples", "float | Examples"]:
    """What is learned from, and what --valid says: a share, or the examples of another file, read alike."""
    from ostinato.data import read_examples

    try:
        examples = read_examples(data, columns, task=task)
    except ParameterError as error:
        name = _PARAMETERS.get((task, error.parameter), error.parameter)
        raise ParameterError(name, error.complaint) from error
    held_out = share_or_path(valid)
    if isinstance(held_out, float):
        return examples, held_out
    return examples, read_like(held_out, examples.origin, task)


def read_like(path: Path, origin: Mapping[str, Any], task: str, *, targets: bool = True) -> "Examples":
    """The examples of a file, read as those of training were, of which `origin` tells."""
    from ostinato.data import Columns, read_examples

    if path.is_dir():
        kind = Columns(kind=origin.get("kind", "auto"))
        return read_examples(path, kind, task=task, targets=targets)
    if path.suffix.lower() == ".ts":
        return read_examples(path, task=task, targets=targets)
    if origin.get("columns") is None:
        raise InputError(
            f"{path}: the model was not trained on a table, so it is not known which columns to read: give a "
            f".ts file or a folder like that of training"
        )
    return read_examples(path, Columns.from_json(origin["columns"]), task=task, targets=targets)
