"""`ostinato evaluate`: a model's figures on data, beside the baseline's."""

from pathlib import Path
from typing import Annotated, Any

import typer

from ostinato._errors import InputError
from ostinato.cli._class_report import class_table, confusion_view
from ostinato.cli._console import print_json, write
from ostinato.cli._figures import figures_table, unknown_note
from ostinato.cli._forecast_report import print_backtest
from ostinato.cli._numbers import whole
from ostinato.cli._panels import read_panel_like
from ostinato.cli._sources import read_like


def evaluate(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A trained model.")],
    data: Annotated[
        list[Path],
        typer.Argument(
            metavar="DATA", help="Data like those of training: a table, .ts file or folder, or texts."
        ),
    ],
    last: Annotated[
        int | None,
        typer.Option(
            parser=whole, metavar="N", help="Steps at the end of series to forecast.", show_default="all new"
        ),
    ] = None,
    stride: Annotated[
        int | None,
        typer.Option(
            parser=whole, metavar="N", help="Steps from one forecast's origin to the next.", show_default="1"
        ),
    ] = None,
    json_: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure a model on data, beside a baseline.

    Of the data the model was trained on, only the part that was held out is scored. Of a table, the columns
    of training are read. --last and --stride are for forecasters, which forecast from one origin after the
    other, as if what follows were not known yet.
    """
    from ostinato.tasks._load import load_model

    model = load_model(directory)
    options = {name: value for name, value in (("last", last), ("stride", stride)) if value is not None}
    if options and model.task != "forecast":
        raise InputError(
            f"{directory} is a model for {model.task}, which takes no --{min(options)}: leave it out"
        )
    figures = model.evaluate(_read(model, data), **options)
    if json_:
        print_json(figures)
    elif model.task == "forecast":
        print_backtest(figures)
    else:
        _print(figures, model.task)


def _read(model: Any, data: list[Path]) -> Any:
    if model.task == "lm":
        return data
    if len(data) > 1:
        raise InputError(
            f"DATA names {len(data)} files: a model for {model.task} is measured on one; put them into one "
            f"table, or call evaluate for each"
        )
    if model.task == "forecast":
        return read_panel_like(data[0], model)
    return read_like(data[0], model.data_["origin"], model.task)


def _print(figures: dict[str, Any], task: str) -> None:
    print(f"Scored: {_scored(figures)}.")
    print(f"Baseline: {figures['baseline_name']}.", end="\n\n")
    print(figures_table({"baseline": figures["baseline"], "model": figures["model"]}))
    if "classes" in figures:
        unit = "steps" if task == "tag" else "examples"
        write(f"\n{class_table(figures['classes'], unit)}\n")
        write(f"\n{confusion_view(figures['classes'], figures['confusion'])}\n")
    if note := unknown_note(figures.get("unknown", 0.0)):
        print(note)


def _scored(figures: dict[str, Any]) -> str:
    if "text" in figures:
        return f"{figures['text']} ({figures['characters']:,} characters)"
    count = figures["sequences"]
    return f"{figures['data']} ({count:,} sequence{'s' * (count != 1)})"
