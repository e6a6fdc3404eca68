"""`ostinato predict`: what a model says of an input."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from ostinato.cli._console import print_json, results


def predict(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A trained language model.")],
    inputs: Annotated[
        list[str],
        typer.Argument(metavar="INPUT...", help="Texts, files with one text a line, or - for stdin."),
    ],
    top: Annotated[int, typer.Option(min=1, help="How many tokens to show.")] = 10,
    json_: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Tell what comes next after each text: the likeliest tokens with their probabilities."""
    from ostinato import LanguageModel

    model = LanguageModel.load(directory)
    answers = []
    for text in _texts(inputs):
        row = model.predict_proba(text)[0]
        order = row.argsort(kind="stable")[::-1][:top]
        likeliest = [{"token": model.tokenizer_.token(int(i)), "probability": float(row[i])} for i in order]
        answers.append({"input": text, "next": likeliest})
        if not json_:
            _show(text, likeliest)
    if json_:
        print_json({"predictions": answers})


def _texts(inputs: list[str]) -> Iterator[str]:
    for value in inputs:
        if value == "-":
            yield from (line.rstrip("\n") for line in sys.stdin)
        elif _is_file(value):
            from ostinato.data import read_text

            yield from "".join(read_text([Path(value)])).splitlines()
        else:
            yield value


def _is_file(value: str) -> bool:
    try:
        return Path(value).is_file()
    except (OSError, ValueError):  # too long for a file's name, or with a NUL: then it is a text
        return False


def _show(text: str, likeliest: list[dict[str, Any]]) -> None:
    table = Table(box=None, pad_edge=False, show_header=False)
    for entry in likeliest:
        bar = "█" * round(40 * entry["probability"])
        table.add_row(repr(entry["token"]), f"{entry['probability']:.2%}", bar)
    results.print(text + " …", markup=False)
    results.print(table, markup=False)
