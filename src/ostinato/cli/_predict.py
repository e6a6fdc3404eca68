"""`ostinato predict`: what a model says of an input."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from ostinato._errors import InputError
from ostinato.cli._console import print_json, write
from ostinato.cli._inputs import batches
from ostinato.cli._numbers import whole
from ostinato.cli._predict_lm import next_tokens
from ostinato.cli._predict_tags import tags
from ostinato.cli._predictions import Answer, classes, numbers

_ANSWERS = {"classify": classes, "regress": numbers, "tag": tags}


def predict(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A trained model.")],
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT", help="A value, a file (a table, a recording, lines), or - for lines on stdin."
        ),
    ],
    top: Annotated[
        int | None,
        typer.Option(
            parser=whole,
            metavar="N",
            help="How many tokens or classes to show.",
            show_default="10; 1 of each line of a file",
        ),
    ] = None,
    json_: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Tell what a model says of inputs.

    A language model: what comes next after a text. A classifier: the class, and how sure that is. A
    regressor: the number. A tagger: the label of each step.
    """
    if top is not None and top < 1:
        raise InputError(f"--top is {top}: it must be at least 1")
    from ostinato.tasks._load import load_model

    answers = []
    for value, shown in _answers(load_model(directory), directory, inputs, top):
        if json_ and value is not None:
            answers.append(value)
        elif not json_:
            write(shown)
            sys.stdout.flush()
    if json_:
        print_json({"predictions": answers})


def _answers(model: Any, directory: Path, inputs: list[str], top: int | None) -> Iterator[Answer]:
    """What the model says of each input."""
    from ostinato import LanguageModel

    if isinstance(model, LanguageModel):
        yield from next_tokens(model, inputs, top or 10)
        return
    if model.task not in _ANSWERS:
        raise InputError(f"{directory} is a generator, which foretells nothing: use ostinato generate")
    for batch in batches(inputs, model.encoder_.kind, model.data_["origin"], model.task):
        yield from _ANSWERS[model.task](model, batch, top)
