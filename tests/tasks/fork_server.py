"""A process that has imported everything and forks real processes: start-up is paid once, not at each start.

It reads one JSON object a line from stdin and answers with one. `{"run": arguments, "log": path}` starts the
command line in a child and gives its process id; `{"wait": pid}` gives its exit status, negative for a
signal. `{"saves": folder, …}` is explained at `kill_saves`.
"""

import dataclasses
import itertools
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch._dynamo  # torch imports it at the first step otherwise
import torch.utils.tensorboard  # noqa: F401

from ostinato import LanguageModel
from ostinato.cli import main
from ostinato.training import _loop

OPERATIONS = (
    "mkdir",
    "rename",
    "replace",
    "unlink",
    "rmdir",
    "fsync",
)  # of os; all that changes files ends here


def serve() -> None:
    for line in sys.stdin:
        request = json.loads(line)
        if "run" in request:
            answer = forked(lambda request=request: run(**request))
        elif "wait" in request:
            answer = os.waitstatus_to_exitcode(os.waitpid(request["wait"], 0)[1])
        else:
            answer = forked(lambda request=request: kill_saves(**request))
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def forked(work: Callable[[], None]) -> int:
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        work()
        code = 0
    except SystemExit as end:
        code = end.code
    except BaseException as error:  # noqa: BLE001
        sys.stderr.write(repr(error))
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def run(run: list[str], log: str, checkpoint_seconds: float = 30.0, die_at: int | None = None) -> None:
    """The command line, with checkpoints as often as that, killing itself at a file operation."""
    os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
    os.dup2(os.open(os.devnull, os.O_RDWR), 1)
    os.dup2(1, 0)
    begin = _loop._Run.__init__

    def begin_with_frequent_checkpoints(self, objective, settings, *more):
        begin(self, objective, dataclasses.replace(settings, checkpoint_seconds=checkpoint_seconds), *more)

    _loop._Run.__init__ = begin_with_frequent_checkpoints
    if die_at is not None:
        kill_at(die_at)
    sys.argv = ["ostinato", *run]
    main()


def kill_saves(saves: str, text: str) -> None:
    """Save a new model over an old one, killed at the 1st, 2nd, … file operation, in the folders 1, 2, ….

    The folders `old` and `new` hold the two models; the last folder is of a save that was not killed.
    """
    folder = Path(saves)
    options: dict[str, Any] = {"hidden_size": 4, "embedding_size": 2, "epochs": 1, "window": 8, "threads": 1}
    LanguageModel(seed=1, **options).fit(text).save(folder / "old")
    model = LanguageModel(seed=2, **options).fit(text)
    model.save(folder / "new")
    for n in itertools.count(1):
        target = folder / str(n)
        shutil.copytree(folder / "old", target)
        child = forked(lambda n=n, target=target: (kill_at(n), model.save(target, overwrite=True)))
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if code == 0:
            return
        assert code == -signal.SIGKILL, code


def kill_at(n: int) -> None:
    """Have this process die of SIGKILL at its n-th file operation; in a write, half of it is done."""
    counter = itertools.count(1)

    def count() -> None:
        if next(counter) == n:
            os.kill(os.getpid(), signal.SIGKILL)

    def dying(operation: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*arguments: Any, **options: Any) -> Any:
            count()
            return operation(*arguments, **options)

        return wrapped

    for name in OPERATIONS:
        setattr(os, name, dying(getattr(os, name)))
    whole = Path.write_bytes

    def write_bytes(path: Path, content: bytes) -> int:
        whole(path, content[: len(content) // 2])
        count()
        return whole(path, content)

    Path.write_bytes = write_bytes


if __name__ == "__main__":
    serve()
