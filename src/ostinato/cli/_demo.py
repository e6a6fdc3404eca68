"""`ostinato demo`: lessons for the terminal."""

from typing import Annotated

import typer

demo = typer.Typer(help="Short lessons, in the terminal.", no_args_is_help=True)


@demo.callback()
def _lessons() -> None:
    """Keep `hello` a command of its own, however few lessons there are."""


@demo.command()
def hello(
    cell: Annotated[str, typer.Option(help="rnn, lstm or gru.")] = "rnn",
    seed: Annotated[int, typer.Option(help="Of the matrices before training.")] = 0,
    steps: Annotated[int, typer.Option(help="Of training.")] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False,
) -> None:
    """Teach a network of three hidden units to spell hello, and look at every number in it."""
    # Here, so that `--help` need not wait for torch.
    from ostinato.cli._hello_view import show, to_json
    from ostinato.tasks._hello import learn_hello

    lesson = learn_hello(cell, seed, steps)
    if as_json:
        typer.echo(to_json(lesson))
    else:
        show(lesson)
