"""`ostinato train regress`: which number belongs to a sequence."""

from typing import Annotated, Any

import typer

from ostinato.cli._parameters import estimator_options
from ostinato.cli._sources import named_columns
from ostinato.cli._train_examples import fit_examples
from ostinato.cli._train_options import (
    Identity,
    Inputs,
    Json,
    Kind,
    Output,
    Overwrite,
    Resume,
    Sequences,
    TimeLimit,
    Valid,
)


@estimator_options("_regressor")
def train_regress(
    context: typer.Context,
    data: Sequences,
    output: Output,
    input_: Inputs = None,
    target: Annotated[
        list[str] | None,
        typer.Option("--target", metavar="COL", help="The target's column; again for several numbers."),
    ] = None,
    id_: Identity = None,
    kind: Kind = "auto",
    valid: Valid = "0.1",
    time_limit: TimeLimit = None,
    resume: Resume = False,
    overwrite: Overwrite = False,
    json_: Json = False,
    **parameters: Any,
) -> None:
    """Train a model that tells the number of a sequence, or several.

    A sequence is a text, a numeric sequence, a recording or a video. A tenth of the sequences is held out;
    the figures are on it, beside those of a baseline that does not see the order.
    """
    from ostinato import Regressor  # torch takes its time; --help does not need it

    fit_examples(
        context,
        Regressor(**parameters),
        data,
        named_columns(input_, target, id_, kind),
        output,
        ["rmse"],
        valid=valid,
        time_limit=time_limit,
        resume=resume,
        overwrite=overwrite,
        json=json_,
    )
