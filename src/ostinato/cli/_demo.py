"""`ostinato demo`: lessons for the terminal."""

from pathlib import Path
from typing import Annotated, Any

import typer

from ostinato._errors import InputError
from ostinato.cli._console import print_json
from ostinato.cli._numbers import whole

NOVEL = Path("examples/data/northanger_abbey.txt")  # in a clone of the repository

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


def _wholes(value: str) -> list[int]:
    return [whole(number) for number in value.split(",")]


@demo.command()
def memory(
    cell: Annotated[list[str], typer.Option(metavar="CELL", help="rnn, lstm or gru; may be repeated.")] = [  # noqa: B006 (typer's way)
        "rnn",
        "lstm",
        "gru",
    ],
    distances: Annotated[
        Any, typer.Option(parser=_wholes, metavar="N,N,...", help="Steps from the symbol to the question.")
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
    from ostinato.cli._memory_view import as_object, progress, show
    from ostinato.tasks._memory_lesson import learn_to_remember

    with progress(len(cell) * len(distances), steps) as watcher:
        lesson = learn_to_remember(cell, distances, seed, steps, watcher)
    if json_:
        print_json(as_object(lesson))
    else:
        show(lesson)


@demo.command()
def embedding(
    text: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="TEXT", help="A UTF-8 text file or several; a novel is best.", show_default=str(NOVEL)
        ),
    ] = None,
    words: Annotated[
        str | None,
        typer.Option(metavar="WORD,...", help="Whose neighbours to show.", show_default="some frequent ones"),
    ] = None,
    seed: Annotated[int, typer.Option(parser=whole, metavar="N", help="Of the networks.")] = 0,
    epochs: Annotated[int, typer.Option(parser=whole, metavar="N", help="Passes over the text.")] = 3,
    json_: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Learn the words of a novel one-hot and embedded, and see which words come to lie close."""
    if text is None and not NOVEL.exists():
        raise InputError(f"there is no {NOVEL} here: name a text, as in ostinato demo embedding NOVEL.txt")
    from ostinato.cli._embedding_view import as_object, progress, show
    from ostinato.tasks._embedding_lesson import learn_words

    chosen = None if words is None else [word.strip() for word in words.split(",")]
    lesson = learn_words(text or [NOVEL], chosen, seed, epochs, progress)
    if json_:
        print_json(as_object(lesson))
    else:
        show(lesson)
