"""The tree of commands."""

from typing import Annotated

import typer

from ostinato import __version__
from ostinato.cli._demo import demo
from ostinato.cli._evaluate import evaluate
from ostinato.cli._export import export
from ostinato.cli._generate import generate
from ostinato.cli._predict import predict
from ostinato.cli._stream import stream
from ostinato.cli._train_classify import train_classify
from ostinato.cli._train_forecast import train_forecast
from ostinato.cli._train_generate import train_generate
from ostinato.cli._train_lm import train_lm
from ostinato.cli._train_regress import train_regress
from ostinato.cli._train_tag import train_tag
from ostinato.cli._train_translate import train_translate

app = typer.Typer(
    name="ostinato",
    help="Recurrent neural networks on the machine you have.",
    no_args_is_help=False,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
train = typer.Typer(help="Train a model on your data.", rich_markup_mode=None)
train.command("lm")(train_lm)
train.command("classify")(train_classify)
train.command("regress")(train_regress)
train.command("tag")(train_tag)
train.command("generate")(train_generate)
train.command("translate")(train_translate)
train.command("forecast")(train_forecast)

app.add_typer(demo, name="demo")
app.add_typer(train, name="train")
app.command()(evaluate)
app.command()(generate)
app.command()(predict)
app.command()(export)
app.command()(stream)


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        print(__version__)
    elif context.invoked_subcommand is None:
        print(context.get_help())
