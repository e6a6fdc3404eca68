"""`ostinato train forecast`: the next values of series, and how sure that is."""

import shlex
from typing import Annotated, Any

import typer

from ostinato.cli._forecast_report import print_training
from ostinato.cli._panels import read_training_panel
from ostinato.cli._parameters import estimator_options
from ostinato.cli._run import fit
from ostinato.cli._train_options import (
    Json,
    Output,
    Overwrite,
    Resume,
    TableFile,
    Target,
    TimeLimit,
    Valid,
    seconds,
    whole_option,
)


@estimator_options(
    "_forecaster",
    horizon=None,  # which the command does not guess
    epochs=Annotated[
        int | None, whole_option("Passes over the series, each 100 steps or more.", "--epochs", default="8")
    ],
)
def train_forecast(
    ctx: typer.Context,
    data: TableFile,
    directory: Output,
    horizon: Annotated[int, whole_option("Steps to forecast.", "--horizon")],
    time: Annotated[
        str | None,
        typer.Option("--time", metavar="COL", help="The column of dates or steps.", show_default="rows"),
    ] = None,
    target: Target = None,
    series: Annotated[
        str | None,
        typer.Option("--series", metavar="COL", help="Which series a row is of; else there is one."),
    ] = None,
    covariates: Annotated[
        list[str] | None,
        typer.Option(
            "--covariates", metavar="COL", help="Numbers known ahead, such as holidays; again for more."
        ),
    ] = None,
    past_covariates: Annotated[
        list[str] | None,
        typer.Option(
            "--past-covariates", metavar="COL", help="Numbers known when the target is; again for more."
        ),
    ] = None,
    valid: Valid = "0.1",
    time_limit: TimeLimit = None,
    resume: Resume = False,
    overwrite: Overwrite = False,
    json_: Json = False,
    **parameters: Any,
) -> None:
    """Train a model that forecasts series, with intervals.

    A row of the table is a step of a series; rows after the last target hold covariates that are known ahead.
    The last tenth of each series is held out; the figures are on it, beside those of the naive forecasts: the
    last value, that of a season ago, and the drift.
    """
    limit = seconds(time_limit)
    from ostinato import Forecaster  # torch takes its time; --help does not need it
    from ostinato.tasks._run_directory import check_free

    if not resume:
        check_free(directory, overwrite)  # at once, not after reading a large table
    fit(
        ctx,
        Forecaster(horizon=horizon, **parameters),
        lambda: read_training_panel(data, valid, target, time, series, covariates, past_covariates),
        directory,
        print_training,
        json=json_,
        following=shlex.join(["ostinato", "predict", str(directory), str(data), "--plot", "forecast.png"]),
        resume=resume,
        overwrite=overwrite,
        time_limit=limit,
    )
