"""`ostinato train classify`: which class a sequence is of."""

from typing import Any

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
    Sequences,
    Target,
    TimeLimit,
    Valid,
)


@estimator_options("_classifier")
def train_classify(
    context: typer.Context,
    data: Sequences,
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
    """Train a model that tells the class of a sequence.

    A sequence is a text, a numeric sequence, a recording or a video. A tenth of the sequences is held out, of
    each class alike; the figures are on it, beside those of a baseline that does not see the order.
    """
    from ostinato import Classifier  # torch takes its time; --help does not need it

    fit_examples(
        context,
        Classifier(**parameters, class_weight="balanced" if balanced else None),
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
