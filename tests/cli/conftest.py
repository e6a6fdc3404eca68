"""A command line run in this process, and a tiny model trained by it once."""

import json
from pathlib import Path
from typing import NamedTuple

import pytest

from ostinato.cli._main import run

NOVEL = Path(__file__).parents[2] / "examples" / "data" / "northanger_abbey.txt"
TINY = ["--embedding=4", "--hidden=8", "--epochs=1", "--window=16", "--batch=8", "--threads=1"]


class Ran(NamedTuple):
    """What a command line did."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


@pytest.fixture
def ostinato(capsys):
    """Runs a command line in this process."""

    def call(*arguments):
        capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        return Ran(code, *capsys.readouterr())

    return call


@pytest.fixture
def refused(ostinato):
    """Runs a command line that must be refused in one line, and gives that line without its newline."""

    def call(*arguments):
        code, out, err = ostinato(*arguments)
        assert (code, out) == (2, "")
        assert err.startswith("error: ")
        assert err.count("\n") == 1
        return err[:-1]

    return call


@pytest.fixture(scope="session")
def text(tmp_path_factory):
    """A small English text."""
    path = tmp_path_factory.mktemp("text") / "small.txt"
    path.write_text(NOVEL.read_text()[1000:5000])
    return path


@pytest.fixture(scope="session")
def model(text):
    """The directory of a tiny model of that text; not to be changed."""
    directory = text.parent / "model"
    assert run(["train", "lm", str(text), "-o", str(directory), *TINY]) == 0
    return directory


@pytest.fixture
def contents():
    """Tells all that is below a path: names with their bytes, None for a folder; None where nothing is."""

    def look(path):
        if not path.exists():
            return None
        return {str(p.relative_to(path)): p.read_bytes() if p.is_file() else None for p in path.rglob("*")}

    return look
