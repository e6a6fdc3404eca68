"""The entry point: runs a command and turns whatever happens into a line and an exit code.

0 done; 2 the user can mend it; 1 a fault of ours; 130 interrupted. OSTINATO_DEBUG=1 shows tracebacks.
"""

import io
import os
import sys
import warnings
from contextlib import suppress
from typing import Any

import typer

from ostinato._errors import InputError, ParameterError, one_line
from ostinato.cli._app import app

# typer has its own copy of click or uses click itself, depending on its version; its base error is this one.
_CommandLineError: type[Any] = typer.BadParameter.__bases__[0].__bases__[0]


# By module, the extra that installs it.
_EXTRA = {**dict.fromkeys(("torch", "sklearn", "tensorboard", "polars"), "train"), "av": "media"}
# Where an option is not named like its parameter.
_OPTIONS = {
    "vocabulary_size": "--vocabulary",
    "embedding_size": "--embedding",
    "hidden_size": "--hidden",
    "num_layers": "--layers",
    "batch_size": "--batch",
    "learning_rate": "--lr",
    "clip_norm": "--clip",
    "validation": "--valid",
    "class_weight": "--balanced",
    "condition_size": "--condition",
    "beam_size": "--beam",
    "output": "--distribution",
}


def main() -> None:
    """Run the command line of this process."""
    warnings.showwarning = _show_warning
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal that is not UTF-8 shows what it can
            stream.reconfigure(errors="backslashreplace")
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command line and give its exit code; all complaints go to stderr, one line each."""
    command = typer.main.get_command(app)
    try:
        # What `app()` does, but for its own opinions on errors, Ctrl-C and broken pipes.
        with command.make_context("ostinato", list(arguments), obj=list(arguments)) as context:
            command.invoke(context)
        sys.stdout.flush()
    except typer.Exit as end:  # --help
        return end.exit_code
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
    return 0


def _explain(error: Exception) -> int:
    text = _mendable(error)
    if text is None:
        _say(f"internal error: {type(error).__name__}: {one_line(error)} (OSTINATO_DEBUG=1 shows where)")
        return 1
    _say(f"error: {text}")
    return 2


def _mendable(error: Exception) -> str | None:
    """What to tell a user who can mend it; None if it is a fault of ours."""
    if isinstance(error, ParameterError):
        name = error.parameter
        return f"{_OPTIONS.get(name, '--' + name.replace('_', '-'))} {error.complaint}"
    if isinstance(error, InputError):
        return _as_options(str(error))
    if isinstance(error, _CommandLineError):
        command = error.ctx.command_path if getattr(error, "ctx", None) else "ostinato"
        return f"{' '.join(error.format_message().split()).rstrip('.')}. See: {command} --help"
    if isinstance(error, ModuleNotFoundError) and error.name in _EXTRA:
        return f"this command needs {error.name}: pip install '.[{_EXTRA[error.name]}]' in Ostinato's folder"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror + (f": {error.filename}" if error.filename else "")
    if isinstance(error, MemoryError) or (isinstance(error, RuntimeError) and "memory" in str(error)):
        return "there is not enough memory: take a smaller --hidden, --batch, --window or --beam"
    return None


def _as_options(text: str) -> str:
    """A message with the options' names in place of the parameters'."""
    return text.replace('on_corrupt="skip"', "--on-corrupt skip").replace("validation=0", "--valid 0")


def _say(line: str) -> None:
    """One line on stderr, whatever is in it."""
    line = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)
    with suppress(OSError):  # nobody is listening
        print(line, file=sys.stderr, flush=True)


def _show_warning(message: Warning | str, category: type[Warning], *_place: Any, **_more: Any) -> None:
    if issubclass(category, UserWarning):
        _say(f"warning: {message}")
