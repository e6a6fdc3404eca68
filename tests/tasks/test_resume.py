"""Real processes, killed: where a run was stopped, and how often, leaves no trace in its model."""

import json
import os
import random
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ostinato import LanguageModel

ALIKE = ["model.safetensors", "baseline.safetensors", "tokenizer.json"]
OFTEN = 0.03  # seconds between checkpoints


class Server:
    """Starts real processes; see fork_server.py."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("fork_server.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )

    def ask(self, **request: Any) -> int:
        print(json.dumps(request), file=self.process.stdin, flush=True)
        return json.loads(self.process.stdout.readline())

    def wait(self, child: int) -> int:
        return self.ask(wait=child)

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@pytest.fixture(scope="module")
def text(tmp_path_factory) -> Path:
    line = "the quiet sea rose over a stone and nobody in that old town knew why it had come so far"
    words = line.split()
    draw = random.Random(0)
    path = tmp_path_factory.mktemp("text") / "sea of words.txt"
    path.write_text(" ".join(draw.choice(words) + draw.choice(["", "", ",", ".\n"]) for _ in range(2400)))
    return path


def arguments(text: Path, output: Path, cell: str, *more: str) -> list[str]:
    options = (
        f"--cell {cell} --hidden 12 --embedding 6 --layers 2 --dropout 0.3 --batch 8 --window 16 --epochs 3 "
        "--threads 1 --seed 3"
    )
    return ["train", "lm", str(text), "-o", str(output), *options.split(), *more]


@pytest.fixture(scope="module")
def reference(server, text, tmp_path_factory) -> Callable[[str], Path]:
    """The model of a run that was never stopped, by cell."""
    folder = tmp_path_factory.mktemp("reference")

    def of(cell: str) -> Path:
        if not (folder / cell).exists():
            child = server.ask(run=arguments(text, folder / cell, cell), log=str(folder / f"{cell}.log"))
            assert server.wait(child) == 0, (folder / f"{cell}.log").read_text()
        return folder / cell

    return of


def history(directory: Path) -> list[dict[str, float]]:
    records = [json.loads(line) for line in (directory / "history.jsonl").read_text().splitlines()]
    return [{name: value for name, value in record.items() if name != "seconds"} for record in records]


def parameters(directory: Path) -> dict[str, Any]:
    return json.loads((directory / "config.json").read_text())["parameters"]


def assert_alike(directory: Path, reference: Path) -> None:
    assert [
        name for name in ALIKE if (directory / name).read_bytes() != (reference / name).read_bytes()
    ] == []
    assert history(directory) == history(reference)
    assert parameters(directory) == parameters(reference)
    rubbish = [str(path) for path in directory.rglob(".*")]
    assert rubbish == []


def last_step(output: Path) -> int:
    """The step of the newest checkpoint, -1 where there is none."""
    steps = [re.fullmatch(r"step-(\d+)\.safetensors", path.name) for path in output.glob("checkpoints/*")]
    return max((int(match[1]) for match in steps if match), default=-1)


# A moment is something to wait for, and how long to wait after it, at random, in seconds.
Moment = tuple[Callable[[Path], bool], float]


def past(share: float) -> Callable[[Path], bool]:
    return lambda output: last_step(output) >= share * STEPS


STEPS = 240  # of the run, nearly
STARTING: Moment = (lambda output: True, 0.02)
CLAIMED: Moment = (lambda output: (output / "checkpoints").exists(), 0.004)
TOKENS: Moment = (lambda output: (output / "checkpoints" / "tokens.bin").exists(), 0.02)
WRITING: Moment = (lambda output: any(output.glob("checkpoints/.step-*.part")), 0.0)
FINISHING: Moment = (past(0.95), 0.2)
PUBLISHING: Moment = (lambda output: (output / ".publish.part").exists(), 0.003)
MOMENTS: dict[str, list[Moment]] = {
    "gru": [
        STARTING,
        CLAIMED,
        TOKENS,
        *[(past(k / 5), 0.1) for k in range(4)],
        WRITING,
        FINISHING,
        PUBLISHING,
    ],
    "lstm": [CLAIMED, (past(0), 0.2), (past(0.3), 0.1), WRITING, (past(0.7), 0.1), FINISHING],
}


@pytest.mark.parametrize("cell", MOMENTS)
def test_a_run_killed_at_random_moments_ends_in_the_same_model(server, text, reference, tmp_path, cell):
    draw = random.Random(cell)
    output, log = tmp_path / "model", str(tmp_path / "log")
    command = arguments(text, output, cell)
    for reached, most in MOMENTS[cell]:
        delay = draw.uniform(0, most)
        while not kill(server, command, output, log, reached, delay):
            delay /= 2  # it had ended before; a run that has ended can be resumed and killed again
        command = arguments(text, output, cell, "--resume")
    child = server.ask(run=command, log=log, checkpoint_seconds=OFTEN)
    assert server.wait(child) == 0, Path(log).read_text()
    assert_alike(output, reference(cell))


def kill(server, command, output, log, reached, delay) -> bool:
    """Start a run and kill it at a moment; whether it had not ended by itself."""
    child = server.ask(run=command, log=log, checkpoint_seconds=OFTEN)
    while not reached(output) and running(child):
        time.sleep(0.0005)
    time.sleep(delay)
    os.kill(child, signal.SIGKILL)
    status = server.wait(child)
    assert status in (0, -signal.SIGKILL), Path(log).read_text()
    return status != 0


def running(process: int) -> bool:
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def test_a_run_killed_at_a_file_operation_ends_in_the_same_model(server, tmp_path):
    (tmp_path / "text").write_text("what the sea says, the sea says twice; " * 10)
    log = str(tmp_path / "log")

    def command(output: Path, *more: str) -> list[str]:
        options = "--hidden 3 --embedding 2 --window 8 --batch 2 --epochs 2 --threads 1"
        return ["train", "lm", str(tmp_path / "text"), "-o", str(output), *options.split(), *more]

    whole = tmp_path / "whole"
    assert server.wait(server.ask(run=command(whole), log=log)) == 0, Path(log).read_text()
    status, number = -signal.SIGKILL, 1
    while status == -signal.SIGKILL:
        output = tmp_path / str(number)
        status = server.wait(server.ask(run=command(output), log=log, die_at=number))
        assert server.wait(server.ask(run=command(output, "--resume"), log=log)) == 0, Path(log).read_text()
        assert_alike(output, whole)
        shutil.rmtree(output)
        number += 5  # all of them would take a minute
    assert status == 0
    assert number > 60


def test_ctrl_c_saves_and_says_the_command_that_goes_on(server, text, reference, tmp_path):
    output, log = tmp_path / "a model", tmp_path / "log"
    child = server.ask(run=arguments(text, output, "gru"), log=str(log), checkpoint_seconds=OFTEN)
    while not past(0.3)(output):
        assert running(child), log.read_text()
        time.sleep(0.0005)
    os.kill(child, signal.SIGINT)
    assert server.wait(child) == 130
    assert last_step(output) > 0
    assert not (output / "model.safetensors").exists()
    said = log.read_text().splitlines()[-1]
    program, *rest = shlex.split(said.partition("go on with: ")[2])
    assert program == "ostinato"
    again = subprocess.run(
        [sys.executable, "-c", "from ostinato.cli import main; main()", *rest],
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert again.returncode == 0, again.stderr
    assert_alike(output, reference("gru"))


def test_a_finished_run_resumed_is_the_same_model(server, text, reference, tmp_path):
    output = tmp_path / "model"
    shutil.copytree(reference("gru"), output)
    command = arguments(text, output, "gru", "--resume")
    assert server.wait(server.ask(run=command, log=str(tmp_path / "log"))) == 0
    assert_alike(output, reference("gru"))


def test_a_save_killed_at_any_file_operation_leaves_the_old_or_the_new_model(server, tmp_path):
    text = "now and then, here and there, the old sea and the new. " * 8
    assert server.wait(server.ask(saves=str(tmp_path), text=text)) == 0
    contents = {name: everything(LanguageModel.load(tmp_path / name)) for name in ("old", "new")}
    assert contents["old"] != contents["new"]
    found = []
    for number in sorted(int(path.name) for path in tmp_path.iterdir() if path.name.isdigit()):
        content = everything(LanguageModel.load(tmp_path / str(number)))
        found.append(next(name for name, known in contents.items() if known == content))
    before, after = found.count("old"), found.count("new")
    assert before >= 15  # each file half and whole, and flushed
    assert after >= 8  # moved to their places
    assert found == ["old"] * before + ["new"] * after


def everything(model: LanguageModel) -> tuple[Any, ...]:
    weights = {name: tensor.tolist() for name, tensor in model.network_.state_dict().items()}
    return model.seed, weights, model.tokenizer_.to_json(), model.history_, model.metrics_
