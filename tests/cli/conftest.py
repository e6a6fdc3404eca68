"""A command line run in this process, and tiny models of all tasks, each trained by it once."""

import json
from pathlib import Path
from typing import NamedTuple

import pytest

from ostinato.cli._main import run

NOVEL = Path(__file__).parents[2] / "examples" / "data" / "northanger_abbey.txt"
SMALL = ["--hidden=8", "--epochs=1", "--threads=1"]  # of tasks that learn from examples
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


NAMES = [
    ("김치", "음식"),
    ("냉면", "음식"),
    ("불고기", "음식"),
    ("서울", "도시"),
    ("부산", "도시"),
    ("대전", "도시"),
]
PAIRS = [
    ("'{0}' 파일이 없습니다", "No file '{0}'"),
    ("%1을 저장", "Save %1"),
    ("3개의 파일", "3 files"),
    ("저장하지 않음", "Do not save"),
]


def sales_of(days, known=0):
    """A table of what two shops sold each day; of the last days only the offers are known."""
    rows = []
    for shop, usual in (("강남점", 20), ("Main $1", 500)):
        for day in range(days):
            sold = usual + 9 * (day % 7) + day**2 % 5 if day < days - known else ""
            rows.append(f"2024-03-{day + 1:02},{shop},{day % 5 // 4},{sold}")
    return "\n".join(["날,가게,offer,sold", *rows, ""])


VIDEO = Path(__file__).parents[2] / "examples" / "data" / "video"


@pytest.fixture(scope="session")
def tables(tmp_path_factory):
    """A folder with a table for each task, Korean in names, columns and values."""
    folder = tmp_path_factory.mktemp("my 표")
    rows = "".join(f"{name},{kind},{len(name)},{len(kind) + 1}\n" for name, kind in NAMES * 10)
    (folder / "이름.csv").write_text(f"이름,갈래,길이,other\n{rows}")
    series = [{"x": [[k, -t * k] for t in range(3 + k % 2)], "y": "ab"[k % 2]} for k in range(20)]
    (folder / "series.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in series))
    (folder / "words.tsv").write_text("words\ttags\n" + "she runs\tN V\na cat sat\tD N V\n" * 10)
    waves = [{"a": k, "b": k % 3, "y": [k, k + 0.5, k]} for k in range(20)]
    (folder / "waves.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in waves))
    (folder / "쌍.tsv").write_text("ko\ten\n" + "".join(f"{ko}\t{en}\n" for ko, en in PAIRS * 10))
    (folder / "판매.csv").write_text(sales_of(30, known=4))
    clips = [{"clip": str(VIDEO / f"{name}.mp4"), "scenes": [[1, 7, name]]} for name in ("box", "cup")]
    (folder / "clips.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in clips))
    return folder


def trained(command, tables, table, *options):
    directory = tables / f"model of {table} {command}"
    assert run(["train", command, str(tables / table), "-o", str(directory), *SMALL, *options]) == 0
    return directory


@pytest.fixture(scope="session")
def names(tables):
    """A classifier of Korean words; like those below, not to be changed."""
    return trained("classify", tables, "이름.csv", "--input=이름", "--target=갈래", "--embedding=4")


@pytest.fixture(scope="session")
def series(tables):
    """A classifier of series of two columns."""
    return trained("classify", tables, "series.jsonl", "--input=x", "--target=y")


@pytest.fixture(scope="session")
def lengths(tables):
    """A regressor of two numbers."""
    return trained("regress", tables, "이름.csv", "--input=이름", "--target=길이", "--target=other")


@pytest.fixture(scope="session")
def words(tables):
    """A tagger of words."""
    return trained("tag", tables, "words.tsv", "--input=words", "--target=tags", "--embedding=4")


@pytest.fixture(scope="session")
def scenes(tables):
    """A tagger of videos that runs causally."""
    options = ["--valid=0", "--frame-size=8", "--frames=pixels", "--window=20", "--causal", "--background=x"]
    return trained("tag", tables, "clips.jsonl", "--input=clip", "--target=scenes", *options)


@pytest.fixture(scope="session")
def writer(tables):
    """A generator of Korean words."""
    return trained("generate", tables, "이름.csv", "--given=갈래", "--target=이름", "--embedding=4")


@pytest.fixture(scope="session")
def waves(tables):
    """A generator of numbers, from two numbers."""
    return trained("generate", tables, "waves.jsonl", "--given=a", "--given=b", "--target=y")


@pytest.fixture(scope="session")
def translator(tables):
    """A translator of Korean messages."""
    return trained("translate", tables, "쌍.tsv", "--source=ko", "--target=en", "--embedding=4")


@pytest.fixture(scope="session")
def forecaster(tables):
    """A forecaster of what two shops sell, three days ahead."""
    options = ["--time=날", "--series=가게", "--target=sold", "--covariates=offer", "--horizon=3"]
    return trained("forecast", tables, "판매.csv", *options)


@pytest.fixture
def contents():
    """Tells all that is below a path: names with their bytes, None for a folder; None where nothing is."""

    def look(path):
        if not path.exists():
            return None
        return {str(p.relative_to(path)): p.read_bytes() if p.is_file() else None for p in path.rglob("*")}

    return look
