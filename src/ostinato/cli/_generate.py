"""`ostinato generate`: a model writes."""

import secrets
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from ostinato._errors import InputError
from ostinato.cli._console import check_utf8, print_json, write
from ostinato.cli._generate_given import print_samples
from ostinato.cli._numbers import number, whole


def generate(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A trained model.")],
    prompt: Annotated[
        str | None, typer.Option(metavar="TEXT", help="What a language model goes on from.")
    ] = None,
    given: Annotated[
        list[str] | None,
        typer.Option(
            metavar="VALUE", help="What a generator is asked for; again for several numbers, or a JSON list."
        ),
    ] = None,
    count: Annotated[int, typer.Option(parser=whole, metavar="N", help="Samples of a generator.")] = 1,
    length: Annotated[
        int | None,
        typer.Option(
            parser=whole,
            metavar="N",
            help="Tokens or steps to write, at most.",
            show_default="500, or half as many again as the longest a generator was trained on",
        ),
    ] = None,
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
    """Let a model write.

    A language model goes on after a prompt; a generator writes what it is given asks for.
    """
    check_utf8("--prompt", prompt or "")
    from ostinato import Generator, LanguageModel
    from ostinato.tasks._load import load_model

    model = load_model(directory)
    options = {
        "length": length,
        "temperature": temperature,
        "top_k": top_k,
        "top_p": top_p,
        "seed": secrets.randbits(32) if seed is None else seed,
    }
    if isinstance(model, Generator):
        if prompt is not None:
            raise InputError(f"{directory} is no language model and takes no --prompt: give it --given VALUE")
        print_samples(model, given or [], count, options, json=json_)
    elif isinstance(model, LanguageModel):
        if given or count != 1:
            raise InputError(
                f"{directory} is a language model, which takes no {'--given' if given else '--count'}: give "
                f"it --prompt TEXT"
            )
        _write_on(model, prompt or "", {**options, "length": 500 if length is None else length}, json_)
    else:
        raise InputError(
            f"{directory} is a model for {model.task}, which writes nothing: use ostinato predict"
        )


def _write_on(model: Any, prompt: str, options: dict[str, Any], json: bool) -> None:
    """What a language model writes after a prompt, as it is written."""
    pieces = model.generate_pieces(prompt, **options)
    if json:
        print_json({"prompt": prompt, "text": prompt + "".join(pieces), "seed": options["seed"]})
        return
    write(prompt)
    for piece in pieces:
        write(piece)
        sys.stdout.flush()
    write("\n")
