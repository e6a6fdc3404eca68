"""Where output goes: results to stdout, progress and complaints to stderr."""

import json
import sys
from typing import Any

from rich.console import Console

from ostinato._errors import InputError


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Leave it to `main`; rich would exit here, as if something had failed."""
        raise BrokenPipeError


results = _Console(highlight=False)
errors = _Console(stderr=True)

# What a terminal would obey rather than show, but for tab and newline (all that is left of `\r\n`).
_CONTROLS = {**dict.fromkeys([*range(9), *range(11, 32), *range(127, 160)], "\ufffd"), ord("\r"): ""}


def print_json(value: Any) -> None:
    """One JSON object on stdout, on one line."""
    print(json.dumps(value, ensure_ascii=False, allow_nan=False))


def say(*lines: str) -> None:
    """Lines of text on stdout, as they are."""
    results.print(*lines, sep="\n", markup=False, soft_wrap=True)


def write(text: str) -> None:
    """Text of a model to stdout, exact, except that a terminal is not sent control characters."""
    sys.stdout.write(text.translate(_CONTROLS) if sys.stdout.isatty() else text)


def check_utf8(what: str, text: str) -> None:
    """Raise `InputError` for an argument whose bytes are not UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InputError(
            f"{what} is not valid UTF-8 at character {error.start}: type it in a UTF-8 terminal"
        ) from None
