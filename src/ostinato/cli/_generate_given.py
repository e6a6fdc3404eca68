"""What a generator writes, being asked for something."""

from typing import TYPE_CHECKING, Any

from ostinato._errors import InputError
from ostinato.cli._console import check_utf8, print_json, write
from ostinato.cli._inputs import as_numbers

if TYPE_CHECKING:
    from ostinato.data import Examples

_MOST = 100_000


def print_samples(model: Any, given: list[str], count: int, options: dict[str, Any], *, json: bool) -> None:
    """Print samples: texts, each on a line, or numbers, a line for each step.

    Args:
        model: a `Generator`.
        given: the values of --given.
        count: how many.
        options: of `Generator.sample`.
        json: whether to print one JSON object instead.
    """
    if not 1 <= count <= _MOST:
        raise InputError(f"--count is {count}: it must be from 1 to {_MOST:,}")
    examples = asked_for(model.encoder_, given)
    samples = model.sample(examples.take([0] * count), **options)
    if json:
        print_json(
            {
                "given": _as_json(examples.inputs[0]),
                "samples": [sample if isinstance(sample, str) else sample.tolist() for sample in samples],
                "seed": options["seed"],
            }
        )
        return
    between = ""
    for sample in samples:
        if isinstance(sample, str):
            write(f"{sample}\n")
        else:
            write(f"{between}{_steps(sample)}")
            between = "\n"


def asked_for(conditions: Any, given: list[str]) -> "Examples":
    """One example with what --given says.

    Args:
        conditions: the `ostinato.data.Conditions` that the generator was trained to be given.
        given: the values of --given.
    """
    from ostinato.data import ClassConditions, Examples

    strings = isinstance(conditions, ClassConditions)
    if not given or (strings and len(given) > 1):
        told = f"one of {conditions.labels}" if strings else f"{conditions.scaler.columns} numbers"
        raise InputError(f"--given is {'needed once' if given else 'needed'}: give {told}")
    if strings:
        check_utf8("--given", given[0])
        return Examples(given, "text", place=lambda _: "--given")
    return Examples([_vector(given)], "vectors", place=lambda _: "--given")


def _vector(given: list[str]) -> Any:
    """(1, D) float32 of a JSON list, or of as many numbers."""
    from ostinato.data import as_vectors

    if len(given) == 1 and given[0].lstrip().startswith("["):
        return as_numbers(given[0], "--given").reshape(1, -1)
    return as_vectors([_number(value) for value in given], "--given").reshape(1, -1)


def _number(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise InputError(f"--given is {value!r}: give a number, or nan if it is missing") from None


def _as_json(asked: Any) -> Any:
    """What was asked for, its numbers in as few digits as tell them."""
    if isinstance(asked, str):
        return asked
    return [None if value != value else float(str(value)) for value in asked[0]]  # NaN is not itself


def _steps(sample: Any) -> str:
    """A line for each step, its numbers between tabs."""
    rows = sample.reshape(len(sample), -1).tolist()
    return "".join("\t".join(f"{value:.6g}" for value in row) + "\n" for row in rows)
