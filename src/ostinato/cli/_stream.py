"""`ostinato stream`: a model reads step by step, a line of JSON each."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from ostinato._errors import InputError, one_line
from ostinato.cli._console import print_json

if TYPE_CHECKING:
    from ostinato.runtime import Stream

_LONGEST = 1 << 26  # bytes of a line


def stream(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A trained model.")],
    given: Annotated[
        list[str] | None,
        typer.Option(
            metavar="VALUE", help="What a generator is asked for; again for several numbers, or a JSON list."
        ),
    ] = None,
    series: Annotated[
        str | None, typer.Option(metavar="NAME", help="The series that a forecaster goes on from.")
    ] = None,
    weights: Annotated[
        str, typer.Option(metavar="TYPE", help="Of the layers' weights: float32, bfloat16 or int8.")
    ] = "float32",
) -> None:
    """Read step by step: JSON lines in and out.

    Each line holds a step of one sequence: a text, a number, a list of numbers, null for what is missing; the
    answer, an object, comes before the next line is read. A line that cannot be read is answered with an
    object that has its number and an error, and the stream goes on as if it had not been there; the exit code
    is then 2. Works without PyTorch.
    """
    from ostinato import runtime

    model = runtime.load(directory, weights=weights)  # type: ignore[arg-type]  # which is checked there
    reading = model.stream(**_options(model, directory, given, series))
    bad = count = 0
    for count, line in enumerate(_lines(sys.stdin.buffer), start=1):
        answer = _answer(reading, line)
        bad += "error" in answer
        print_json({"line": count, **answer})
        sys.stdout.flush()
    if bad:
        raise InputError(f"{bad:,} of {count:,} lines could not be read: see the errors among the answers")


def _options(model: Any, directory: Path, given: list[str] | None, series: str | None) -> dict[str, Any]:
    """Those of the model's streams; `InputError` for an option of other tasks."""
    for name, value, task in (("given", given, "generate"), ("series", series, "forecast")):
        if value is not None and model.task != task:
            raise InputError(
                f"{directory} is a model for {model.task}, which takes no --{name}: leave it out"
            )
    if model.task == "generate":
        from ostinato.cli._generate_given import asked_for

        return {"given": asked_for(model.conditions, given or []).inputs[0]}
    if not hasattr(model, "stream"):
        raise InputError(f"{directory} is a model for {model.task}, which reads whole sequences: use predict")
    return {} if series is None else {"series": series}


def _lines(source: BinaryIO) -> Iterator[bytes | None]:
    """The lines as they come; None for one that is too long to be held."""
    while line := source.readline(_LONGEST):
        if line.endswith(b"\n") or len(line) < _LONGEST:
            yield line
            continue
        while (rest := source.readline(_LONGEST)) and not rest.endswith(b"\n"):
            pass
        yield None


def _answer(reading: "Stream", line: bytes | None) -> dict[str, Any]:
    """What is said to a line, or what is wrong with it."""
    if line is None:
        return {"error": f"the line has more than {_LONGEST:,} bytes: send its steps one by one"}
    if not line.strip():
        return {"error": f"the line is empty: send {reading.reads()}"}
    try:
        step = json.loads(line)
    except (ValueError, RecursionError) as error:
        return {"error": f"no JSON ({one_line(error)}): send {reading.reads()}"}
    try:
        return reading.told(reading.push(step))
    except InputError as error:
        return {"error": str(error)}
