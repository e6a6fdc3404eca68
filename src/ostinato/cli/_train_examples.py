"""What the commands that learn from examples do alike."""

import shlex
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from ostinato.cli._run import fit, print_summary
from ostinato.cli._sources import read_training
from ostinato.cli._train_options import seconds

if TYPE_CHECKING:
    from ostinato.data import Columns

_NEXT = {"generate": "generate {} --given VALUE"}  # by task, what may follow


def fit_examples(
    context: typer.Context,
    model: Any,
    data: Path,
    columns: "Columns",
    output: Path,
    decisive: Sequence[str],
    *,
    valid: str,
    time_limit: str | None,
    resume: bool,
    overwrite: bool,
    json: bool,
) -> None:
    """Train an estimator on a file or folder, into a directory, and print its figures.

    Args:
        context: of the command.
        model: the estimator.
        data: the file or folder.
        columns: of a table.
        output: the directory.
        decisive: by the first of these figures that there is, model and baseline are compared.
        valid: as --valid has it.
        time_limit: as --time-limit has it.
        resume: whether to go on with an interrupted run.
        overwrite: whether to replace a model.
        json: whether to print the figures as one JSON object instead.
    """
    from ostinato.tasks._run_directory import check_free

    limit = seconds(time_limit)
    if not resume:
        check_free(output, overwrite)  # at once, not after reading a large table
    fit(
        context,
        model,
        lambda: read_training(data, columns, valid, model.task),
        output,
        partial(print_summary, decisive=decisive),
        json=json,
        following=f"ostinato {_NEXT.get(model.task, 'predict {} INPUT').format(shlex.quote(str(output)))}",
        resume=resume,
        overwrite=overwrite,
        time_limit=limit,
    )
