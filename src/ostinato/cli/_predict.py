"""`ostinato predict`: what a model says of an input."""

import sys
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from ostinato._errors import InputError
from ostinato._parameters import Choice
from ostinato.cli._console import print_json, write
from ostinato.cli._inputs import RECORDINGS, batches
from ostinato.cli._numbers import whole
from ostinato.cli._predict_forecast import LEVELS, forecasts
from ostinato.cli._predict_lm import next_tokens
from ostinato.cli._predict_tags import tags
from ostinato.cli._predict_translate import translations
from ostinato.cli._predictions import Answer, classes, numbers
from ostinato.cli._skipping import of_decodable

_ANSWERS: Mapping[str, Any] = {
    "classify": classes,
    "regress": numbers,
    "tag": tags,
    "translate": translations,
}
# By option, the tasks whose answers it changes.
_OPTIONS = {
    "top": ("lm", "classify"),
    "beam": ("translate",),
    "attention": ("translate",),
    "levels": ("forecast",),
    "plot": ("forecast",),
    "on_corrupt": ("classify", "regress", "tag"),
}


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
    beam: Annotated[
        int | None,
        typer.Option(
            parser=whole,
            metavar="N",
            help="Translations that are followed at a time.",
            show_default="as in training",
        ),
    ] = None,
    attention: Annotated[
        bool, typer.Option("--attention", help="Show what each token of a translation attended to.")
    ] = False,
    levels: Annotated[
        str | None,
        typer.Option(metavar="F,F,...", help="Levels of a forecast's quantiles.", show_default=LEVELS),
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw a forecast, into a .png or .svg file.")
    ] = None,
    on_corrupt: Annotated[
        str | None,
        typer.Option(
            metavar="ACTION",
            help="error or skip, for recordings that cannot be decoded.",
            show_default="error",
        ),
    ] = None,
    json_: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Tell what a model says of inputs.

    A language model: what comes next after a text. A classifier: the class, and how sure that is. A
    regressor: the number. A tagger: the label of each step. A translator: the translation, a line for each.
    A forecaster: the next steps of each series in a table, with their quantiles.
    """
    if top is not None and top < 1:
        raise InputError(f"--top is {top}: it must be at least 1")
    from ostinato.tasks._load import load_model

    given = {
        "top": top,
        "beam": beam,
        "attention": attention or None,
        "levels": levels,
        "plot": plot,
        "on_corrupt": on_corrupt,
    }
    options = {name: value for name, value in given.items() if value is not None}
    answers = []
    for value, shown in _answers(load_model(directory), directory, inputs, options):
        if json_ and value is not None:
            answers.append(value)
        elif not json_:
            write(shown)
            sys.stdout.flush()
    if json_:
        print_json({"predictions": answers})


def _answers(model: Any, directory: Path, inputs: list[str], options: dict[str, Any]) -> Iterator[Answer]:
    """What the model says of each input."""
    for name in options:
        if model.task not in _OPTIONS[name]:
            raise InputError(
                f"{directory} is a model for {model.task}, which takes no --{name.replace('_', '-')}: "
                f"leave it out"
            )
    if model.task == "lm":
        yield from next_tokens(model, inputs, **options)
        return
    if model.task == "forecast":
        yield from forecasts(model, inputs, **options)
        return
    if model.task not in _ANSWERS:
        raise InputError(f"{directory} is a generator, which foretells nothing: use ostinato generate")
    action = Choice(["error", "skip"]).check("on_corrupt", options.pop("on_corrupt", "error"))
    answer = partial(_ANSWERS[model.task], model, **options)
    asked = batches(inputs, model.encoder_.kind, model.data_["origin"], model.task)
    if action == "skip" and model.encoder_.kind in RECORDINGS:
        yield from of_decodable(answer, asked)
        return
    for batch in asked:
        yield from answer(batch)
