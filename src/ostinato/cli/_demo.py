"""`ostinato demo`: lessons for the terminal."""

from typing import Annotated

import typer

from ostinato.cli._console import print_json
from ostinato.cli._numbers import whole

demo = typer.Typer(help="Short lessons, in the terminal.")


@demo.callback(invoke_without_command=True)
def _lessons(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@demo.command()
def hello(
    cell: Annotated[str, typer.Option(metavar="CELL", help="rnn, lstm or gru.")] = "rnn",
    seed: Annotated[
        int, typer.Option(parser=whole, metavar="N", help="Of the matrices before training.")
    ] = 0,
    steps: Annotated[int, typer.Option(parser=whole, metavar="N", help="Of training.")] = 200,
    json_: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Teach a network of three hidden units to spell hello, and look at every number in it."""
    # Here, so that `--help` need not wait for torch.
    from ostinato.cli._hello_view import as_object, show
    from ostinato.tasks._hello import learn_hello

    lesson = learn_hello(cell, seed, steps)
    if json_:
        print_json(as_object(lesson))
    else:
        show(lesson)


@demo.command()
def memory(
    cell: Annotated[list[str], typer.Option(metavar="CELL", help="rnn, lstm or gru; may be repeated.")] = [  # noqa: B006 (typer's way)
        "rnn",
        "lstm",
        "gru",
    ],
    distances: Annotated[
        str, typer.Option(metavar="N,N,...", help="Steps from the symbol to the question.")
    ] = "5,20,50,100",
    seed: Annotated[
        int, typer.Option(parser=whole, metavar="N", help="Of the matrices and the sequences.")
    ] = 0,
    steps: Annotated[
        int, typer.Option(parser=whole, metavar="N", help="Of training, for each network.")
    ] = 800,
    json_: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """See how far back a network remembers: the simple RNN forgets, the gated ones do not."""
    far = [whole(distance) for distance in distances.split(",")]
    from ostinato.cli._memory_view import as_object, progress, show
    from ostinato.tasks._memory_lesson import learn_to_remember

    with progress(len(cell) * len(far), steps) as watcher:
        lesson = learn_to_remember(cell, far, seed, steps, watcher)
    if json_:
        print_json(as_object(lesson))
    else:
        show(lesson)
