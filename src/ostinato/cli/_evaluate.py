"""`ostinato evaluate`: a model's figures on a file, beside the baseline's."""

from pathlib import Path
from typing import Annotated

import typer

from ostinato.cli._console import print_json, results
from ostinato.cli._figures import figures_table


def evaluate(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A trained model.")],
    data: Annotated[list[Path], typer.Argument(metavar="DATA...", help="The text file or files.")],
    json_: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure a model on data, beside a naive baseline.

    Of the text the model was trained on, only the part that was held out is scored.
    """
    from ostinato import LanguageModel

    figures = LanguageModel.load(directory).evaluate(data)
    if json_:
        print_json(figures)
        return
    results.print(f"Scored: {figures['text']} ({figures['characters']:,} characters).", soft_wrap=True)
    results.print(figures_table({figures["baseline_name"]: figures["baseline"], "model": figures["model"]}))
