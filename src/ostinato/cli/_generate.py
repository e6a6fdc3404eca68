"""`ostinato generate`: a model writes."""

import secrets
import sys
from pathlib import Path
from typing import Annotated

import typer

from ostinato.cli._console import check_utf8, print_json, write
from ostinato.cli._numbers import number, whole


def generate(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A trained language model.")],
    prompt: Annotated[str, typer.Option(metavar="TEXT", help="What to go on from.")] = "",
    length: Annotated[int, typer.Option(parser=whole, metavar="N", help="Tokens to write.")] = 500,
    temperature: Annotated[
        float,
        typer.Option(
            parser=number,
            metavar="F",
            help="Below 1 more predictable, above 1 more daring, 0 always the likeliest.",
        ),
    ] = 1.0,
    top_k: Annotated[
        int | None, typer.Option(parser=whole, metavar="K", help="Choose among the K likeliest tokens only.")
    ] = None,
    top_p: Annotated[
        float | None,
        typer.Option(
            parser=number,
            metavar="P",
            help="Choose among the likeliest tokens that together have probability P only.",
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(parser=whole, metavar="N", help="Same seed, same text.", show_default="random"),
    ] = None,
    json_: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Let a language model write on after a prompt."""
    check_utf8("--prompt", prompt)
    from ostinato import LanguageModel

    if seed is None:
        seed = secrets.randbits(32)
    pieces = LanguageModel.load(directory).generate_pieces(
        prompt, length=length, temperature=temperature, top_k=top_k, top_p=top_p, seed=seed
    )
    if json_:
        print_json({"prompt": prompt, "text": prompt + "".join(pieces), "seed": seed})
        return
    write(prompt)
    for piece in pieces:
        write(piece)
        sys.stdout.flush()
    write("\n")
