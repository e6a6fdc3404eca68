"""Running a training command: progress, Ctrl-C, the figures at the end."""

import shlex
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import typer

from ostinato.cli._console import errors, print_json
from ostinato.cli._figures import MORE_IS_BETTER, figures_table

_WIDTH = 80


def fit(
    context: typer.Context,
    model: Any,
    read: Callable[[], tuple[Any, Any]],
    output: Path,
    summary: Callable[[dict[str, Any]], None],
    *,
    json: bool,
    following: str,
    **options: Any,
) -> None:
    """Train a model into a directory and print its figures.

    Args:
        context: of the command, whose arguments tell how to resume.
        model: an estimator.
        read: gives what it learns from, targets included, and what is held out.
        output: the directory.
        summary: prints the final figures for people.
        json: whether to print them as one JSON object instead.
        following: what to do next, a command.
        options: more arguments of `fit`.
    """
    from ostinato.training import Interrupted, ProgressBar

    try:
        X, validation = read()
        model.fit(X, validation=validation, directory=output, reporter=ProgressBar(errors), **options)
    except Interrupted as interrupt:
        raise KeyboardInterrupt(f"the run is saved; go on with: {_resume_command(context)}") from interrupt
    except KeyboardInterrupt as interrupt:  # before there was a run; what was in DIR before is there again
        raise KeyboardInterrupt(f"start again with: {_command(_arguments(context))}") from interrupt
    if json:
        print_json({"directory": str(output), **model.metrics_})
        return
    summary(model.metrics_)
    if model.metrics_["ended"] == "time limit":
        print(f"Train on with: {_resume_command(context)}")
    print(f"Saved in {output}. Next: {following}")


def print_figures(metrics: dict[str, Any]) -> None:
    """A table of the figures of baseline and model, held out and in training."""
    held_out, judged = metrics["valid"], "training" if metrics["valid"] is None else "held out"
    rows = {f"baseline, {judged}": metrics["baseline"]}
    if held_out is not None:
        rows["model, held out"] = held_out
    print(figures_table({**rows, "model, training": metrics["train"]}), end="\n\n")


def print_summary(metrics: dict[str, Any], decisive: Sequence[str]) -> None:
    """What a model of examples reached, and whether it is better than its baseline.

    Args:
        metrics: the content of `metrics.json`.
        decisive: figures; the first that there is decides.
    """
    print_figures(metrics)
    print(textwrap.fill(f"The baseline is {metrics['baseline']['name']}.", _WIDTH))
    print_cost(metrics, "time steps")
    held_out, baseline = metrics["valid"], metrics["baseline"]
    figure = next(name for name in decisive if name in baseline)
    sign = 1 if figure in MORE_IS_BETTER else -1
    if held_out and sign * held_out[figure] <= sign * baseline[figure]:
        print("The baseline is as good: too few examples, perhaps, or nothing in their order.")


def print_cost(metrics: dict[str, Any], unit: str = "tokens") -> None:
    """A line on steps, time and speed."""
    minutes, rest = divmod(round(metrics["seconds"]), 60)
    print(
        f"{metrics['steps']:,} steps in {minutes} min {rest} s ({metrics['ended']}), "
        f"{metrics['tokens_per_second']:,.0f} {unit}/s; kept: step {metrics['best_step']:,}."
    )


def _resume_command(context: typer.Context) -> str:
    command, arguments = _arguments(context)[:2], _arguments(context)[2:]  # after `train TASK`
    end = arguments.index("--") if "--" in arguments else len(arguments)  # after it there are no options
    options = [argument for argument in arguments[:end] if argument not in ("--overwrite", "--resume")]
    return _command([*command, "--resume", *options, *arguments[end:]])


def _arguments(context: typer.Context) -> list[str]:
    return list(context.find_root().obj)


def _command(arguments: list[str]) -> str:
    return shlex.join(["ostinato", *arguments])
