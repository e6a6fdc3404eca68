"""`ostinato train generate`: a model that writes what it is asked for."""

from typing import Annotated, Any

import typer

from ostinato.cli._parameters import estimator_options
from ostinato.cli._sources import named_columns
from ostinato.cli._train_examples import fit_examples
from ostinato.cli._train_options import (
    Json,
    Output,
    Overwrite,
    Resume,
    TableFile,
    Target,
    TimeLimit,
    Valid,
)


@estimator_options("_generator")
def train_generate(
    context: typer.Context,
    data: TableFile,
    output: Output,
    given: Annotated[
        list[str] | None,
        typer.Option("--given", metavar="COL", help="What is asked for; again for several numbers."),
    ] = None,
    target: Target = None,
    kind: Annotated[
        str, typer.Option("--kind", metavar="KIND", help="Of what is given: auto, text or vectors.")
    ] = "auto",
    valid: Valid = "0.1",
    time_limit: TimeLimit = None,
    resume: Resume = False,
    overwrite: Overwrite = False,
    json_: Json = False,
    **parameters: Any,
) -> None:
    """Train a model that writes what it is asked for.

    What is given is a class or a word, each value a class of its own, or one or more numbers; the target is a
    text, or a JSON list of numbers. A tenth of the sequences is held out; the figures are on it, beside those
    of a baseline.
    """
    from ostinato import Generator  # torch takes its time; --help does not need it

    fit_examples(
        context,
        Generator(**parameters),
        data,
        named_columns(given, target, kind=kind),
        output,
        ["loss"],
        valid=valid,
        time_limit=time_limit,
        resume=resume,
        overwrite=overwrite,
        json=json_,
    )
