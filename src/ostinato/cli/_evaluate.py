"""`ostinato evaluate`: a model's figures on a file, beside the baseline's."""

from pathlib import Path
from typing import Annotated

import typer

from ostinato.cli._console import print_json
from ostinato.cli._figures import figures_table, unknown_note


def evaluate(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A trained model.")],
    data: Annotated[list[Path], typer.Argument(metavar="DATA", help="A text file or several.")],
    json_: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure a model on data, beside a baseline.

    Of the text the model was trained on, only the part that was held out is scored.
    """
    from ostinato import LanguageModel

    figures = LanguageModel.load(directory).evaluate(data)
    if json_:
        print_json(figures)
        return
    print(f"Scored: {figures['text']} ({figures['characters']:,} characters).")
    print(f"Baseline: {figures['baseline_name']}.", end="\n\n")
    print(figures_table({"baseline": figures["baseline"], "model": figures["model"]}))
    if note := unknown_note(figures["unknown"]):
        print(note)
