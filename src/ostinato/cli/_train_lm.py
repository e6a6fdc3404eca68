"""`ostinato train lm`: a language model of a text."""

import shlex
from pathlib import Path
from typing import Annotated, Any

import typer

from ostinato.cli._figures import unknown_note
from ostinato.cli._parameters import estimator_options
from ostinato.cli._run import fit, print_cost, print_figures
from ostinato.cli._train_options import (
    Json,
    Output,
    Overwrite,
    Resume,
    TimeLimit,
    number_option,
    seconds,
    share_or_path,
    whole_option,
    word_option,
)


@estimator_options(
    "_language_model",
    input=Annotated[str, word_option("embedding or one-hot.", "--input")],
    epochs=Annotated[int, whole_option("Passes over the text, at most.", "--epochs")],
    batch_size=Annotated[int, whole_option("Places of the text read side by side.", "--batch")],
    window=Annotated[int, whole_option("Tokens the gradient reaches back over.", "--window")],
    learning_rate=Annotated[
        float | None,
        number_option("Learning rate at its peak.", "--lr", default="0.007 for lstm, else 0.004"),
    ],
)
def train_lm(
    context: typer.Context,
    text: Annotated[list[Path], typer.Argument(metavar="TEXT", help="A UTF-8 text file or several.")],
    output: Output,
    valid: Annotated[
        str, typer.Option(metavar="FILE|FRACTION", help="Held-out text, or the share of the text's end.")
    ] = "0.1",
    time_limit: TimeLimit = None,
    resume: Resume = False,
    overwrite: Overwrite = False,
    json_: Json = False,
    **parameters: Any,
) -> None:
    """Train a language model on text.

    It learns which token comes next after each. The last tenth of the text is held out; the figures are on
    it, beside those of a 5-gram counted on the rest.
    """
    limit = seconds(time_limit)
    from ostinato import LanguageModel  # torch takes its time; --help does not need it

    fit(
        context,
        LanguageModel(**parameters),
        lambda: (text, share_or_path(valid)),
        output,
        _print_summary,
        json=json_,
        following=f"ostinato generate {shlex.quote(str(output))}",
        resume=resume,
        overwrite=overwrite,
        time_limit=limit,
    )


def _print_summary(metrics: dict[str, Any]) -> None:
    print_figures(metrics)
    if note := unknown_note(metrics["valid_unknown"]):
        print(note)
    print(f"The baseline is an {metrics['baseline']['name']}.")
    print_cost(metrics)
    if metrics["valid"]["bits_per_character"] >= metrics["baseline"]["bits_per_character"]:
        print("The baseline foresees this text better: more text or more epochs may help.")
