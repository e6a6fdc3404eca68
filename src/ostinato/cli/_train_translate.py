"""`ostinato train translate`: sequences written in another form."""

from typing import Annotated, Any

import typer

from ostinato.cli._parameters import estimator_options
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
    whole_option,
    word_option,
)

_KINDS = "auto, text, or tokens: a JSON list, or separated by spaces."


@estimator_options(
    "_translator",
    vocabulary_size=Annotated[
        int | None,
        whole_option("Tokens at most.", "--vocabulary", default="all characters, 20000 words, 2000 subwords"),
    ],
    epochs=Annotated[
        int | None,
        whole_option("Passes over the data.", "--epochs", default="20, or as many as make 4000 steps"),
    ],
    batch_size=Annotated[int | None, whole_option("Pairs a step.", "--batch", default="by their lengths")],
)
def train_translate(
    context: typer.Context,
    data: TableFile,
    output: Output,
    source: Annotated[
        str | None, typer.Option("--source", metavar="COL", help="The column of what is translated.")
    ] = None,
    target: Target = None,
    source_kind: Annotated[str, word_option(f"Of sources: {_KINDS}", "--source-kind")] = "auto",
    target_kind: Annotated[str, word_option(f"Of targets: {_KINDS}", "--target-kind")] = "auto",
    valid: Valid = "0.1",
    time_limit: TimeLimit = None,
    resume: Resume = False,
    overwrite: Overwrite = False,
    json_: Json = False,
    **parameters: Any,
) -> None:
    """Train a model that writes sequences in another form.

    Such as sentences in another language, or letters as phonemes: a row of the table is a pair. Numbers and
    placeholders such as {0}, %1 and %(name)s are copied. A tenth of the pairs is held out; the figures are on
    it, beside those of the training target whose source is the most similar.
    """
    from ostinato import Translator  # torch takes its time; --help does not need it
    from ostinato.data import Columns

    fit_examples(
        context,
        Translator(**parameters),
        data,
        Columns((source,) if source else (), target, kind=source_kind, target_kind=target_kind),
        output,
        ["chrf", "error_rate"],
        valid=valid,
        time_limit=time_limit,
        resume=resume,
        overwrite=overwrite,
        json=json_,
    )
