"""The entry point: runs a command and turns whatever happens into a line and an exit code.

0 done; 2 the user can mend it; 1 a fault of ours; 130 interrupted. OSTINATO_DEBUG=1 shows tracebacks.
"""

import os
import sys
import warnings
from typing import Any

import typer

from ostinato._errors import InputError, one_line
from ostinato.cli._app import app
from ostinato.cli._console import errors

# typer has its own copy of click or uses click itself, depending on its version; its base error is this one.
_CommandLineError: type[Any] = typer.BadParameter.__bases__[0].__bases__[0]


def main() -> None:
    """Run the command line of this process."""
    warnings.showwarning = _show_warning
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command line and give its exit code; all complaints go to stderr, one line each."""
    try:
        result = app(arguments, prog_name="ostinato", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our output has gone (`… | head`): not an error, and nothing is left to say.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (KeyboardInterrupt, typer.Abort) as interrupt:
        _say("interrupted" + (f": {interrupt}" if str(interrupt) else ""))
        return 130
    except Exception as error:
        if os.environ.get("OSTINATO_DEBUG"):
            raise
        return _explain(error)
    return result if isinstance(result, int) else 0


def _explain(error: Exception) -> int:
    if isinstance(error, InputError):
        _say(f"error: {one_line(error)}")
        return 2
    if isinstance(error, _CommandLineError):
        _say(f"error: {' '.join(error.format_message().split())} See --help.")
        return 2
    if isinstance(error, ModuleNotFoundError) and error.name in {"torch", "sklearn", "tensorboard", "polars"}:
        _say(f"error: this command needs {error.name}: pip install 'ostinato[train]'")
        return 2
    if isinstance(error, OSError) and error.strerror:
        where = f": {error.filename}" if error.filename else ""
        _say(f"error: {error.strerror}{where}")
        return 2
    if isinstance(error, MemoryError):
        _say("error: there is not enough memory: take a smaller --hidden, --batch or --window")
        return 2
    _say(f"internal error: {type(error).__name__}: {one_line(error)} (OSTINATO_DEBUG=1 shows where)")
    return 1


def _say(line: str) -> None:
    errors.print(line, markup=False, highlight=False, soft_wrap=True)


def _show_warning(message: Warning | str, category: type[Warning], *_place: Any, **_more: Any) -> None:
    if issubclass(category, UserWarning):
        _say(f"warning: {message}")
