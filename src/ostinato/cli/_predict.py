"""`ostinato predict`: what a model says of an input."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.cells import cell_len

from ostinato._errors import InputError
from ostinato.cli._console import check_utf8, print_json, write
from ostinato.cli._numbers import whole

_BAR = 40  # columns of a certain token's bar


def predict(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A trained language model.")],
    inputs: Annotated[
        list[str],
        typer.Argument(metavar="INPUT", help="A text, a file with a text on each line, or - for stdin."),
    ],
    top: Annotated[int, typer.Option(parser=whole, metavar="N", help="How many tokens to show.")] = 10,
    json_: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Tell what comes next after a text.

    Shown are the likeliest tokens with their probabilities.
    """
    if top < 1:
        raise InputError(f"--top is {top}: it must be at least 1")
    from ostinato import LanguageModel

    model = LanguageModel.load(directory)
    answers = []
    for text in _texts(inputs):
        row = model.predict_proba(text)[0]
        order = (-row).argsort(kind="stable")[:top].tolist()
        if json_:
            likeliest = [
                {"id": i, "token": model.tokenizer_.decode([i]), "probability": float(row[i])} for i in order
            ]
            answers.append({"input": text, "next": likeliest})
        else:
            write(_shown(text, [(model.tokenizer_.token(i), float(row[i])) for i in order]))
            sys.stdout.flush()
    if json_:
        print_json({"predictions": answers})


def _texts(inputs: list[str]) -> Iterator[str]:
    for value in inputs:
        if value == "-":
            yield from _lines(_stdin())
        elif _is_file(value):
            from ostinato.data import read_text

            yield from _lines(read_text([Path(value)]))
        else:
            check_utf8("INPUT", value)
            yield value


def _lines(chunks: Iterable[str]) -> Iterator[str]:
    r"""The lines of a text, which end at `\n` or `\r\n` and nowhere else."""
    begun = ""
    for chunk in chunks:
        *whole, begun = (begun + chunk).split("\n")
        yield from (line.removesuffix("\r") for line in whole)
    if begun:
        yield begun


def _stdin() -> Iterator[str]:
    """Line by line as they come, so that a person or a program can talk to the model."""
    for number, line in enumerate(sys.stdin.buffer, start=1):
        try:
            yield line.decode()
        except UnicodeDecodeError as error:
            raise InputError(
                f"stdin: line {number} is not UTF-8 at its byte {error.start} "
                f"(0x{line[error.start]:02X}); convert it with iconv"
            ) from None


def _is_file(value: str) -> bool:
    try:
        return Path(value).is_file()
    except (OSError, ValueError):  # too long for a file's name, or with a NUL: then it is a text
        return False


def _shown(text: str, likeliest: list[tuple[str, float]]) -> str:
    tokens = [f"'{token}'" for token, _ in likeliest]
    width = max(map(cell_len, tokens))  # columns of a terminal, of which 한 takes two
    rows: Any = zip(tokens, likeliest, strict=True)
    lines = [
        f"{token}{' ' * (width - cell_len(token))}  {p:7.2%}  {'█' * round(_BAR * p)}".rstrip()
        for token, (_, p) in rows
    ]
    return "\n".join([f"{text} …", *lines, ""])
