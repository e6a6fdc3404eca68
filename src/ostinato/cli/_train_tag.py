"""`ostinato train tag`: a label for each step of a sequence."""

from typing import Annotated, Any

import typer

from ostinato.cli._parameters import estimator_options
from ostinato.cli._sources import named_columns
from ostinato.cli._train_examples import fit_examples
from ostinato.cli._train_options import (
    Balanced,
    Identity,
    Inputs,
    Json,
    Kind,
    Output,
    Overwrite,
    Resume,
    TableFile,
    Target,
    TimeLimit,
    Valid,
    whole_option,
)


@estimator_options(
    "_tagger",
    tokens=None,  # characters: for words there are lists of words
    epochs=Annotated[
        int | None,
        whole_option("Passes over the data.", "--epochs", default="20, or as many as make 200 steps"),
    ],
)
def train_tag(
    context: typer.Context,
    data: TableFile,
    output: Output,
    input_: Inputs = None,
    target: Target = None,
    id_: Identity = None,
    kind: Kind = "auto",
    balanced: Balanced = False,
    valid: Valid = "0.1",
    time_limit: TimeLimit = None,
    resume: Resume = False,
    overwrite: Overwrite = False,
    json_: Json = False,
    **parameters: Any,
) -> None:
    """Train a model that labels every step of a sequence.

    The input's cells hold words, characters, numbers, or paths of recordings or videos; the target's as many
    labels, separated by spaces or in a JSON list, or segments of a recording: [[start, end, label], ...] in
    seconds. A tenth of the sequences is held out; the figures are on it, beside those of a baseline that sees
    each step alone.
    """
    from ostinato import Tagger  # torch takes its time; --help does not need it

    fit_examples(
        context,
        Tagger(**parameters, class_weight="balanced" if balanced else None),
        data,
        named_columns(input_, target, id_, kind),
        output,
        ["accuracy"],
        valid=valid,
        time_limit=time_limit,
        resume=resume,
        overwrite=overwrite,
        json=json_,
    )
