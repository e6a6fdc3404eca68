"""What a language model says of a text: what comes next."""

from collections.abc import Iterable, Iterator
from typing import Any

from ostinato.cli._console import check_utf8
from ostinato.cli._inputs import existing, lines, stdin_lines
from ostinato.cli._likeliest import bars


def next_tokens(model: Any, inputs: list[str], top: int = 10) -> Iterator[tuple[dict[str, Any], str]]:
    """For each text the likeliest tokens that may follow: as an object, and as lines."""
    for text in _texts(inputs):
        row = model.predict_proba(text)[0]
        order = (-row).argsort(kind="stable")[:top].tolist()
        likeliest = [
            {"id": i, "token": model.tokenizer_.decode([i]), "probability": float(row[i])} for i in order
        ]
        shown = view(text, ((model.tokenizer_.token(i), float(row[i])) for i in order))
        yield {"input": text, "next": likeliest}, shown


def view(text: str, likeliest: Iterable[tuple[str, float]]) -> str:
    """A text, and below it what may follow."""
    return "\n".join([f"{text} …", *bars((f"'{token}'", p) for token, p in likeliest), ""])


def _texts(inputs: list[str]) -> Iterator[str]:
    for value in inputs:
        path = existing(value)
        if value == "-":
            yield from stdin_lines()
        elif path is not None and path.is_file():
            from ostinato.data import read_text

            yield from lines(read_text([path]))
        else:
            check_utf8("INPUT", value)
            yield value
