"""Every command and every Python block of the README and the docs runs, in the order it stands on its page.

They run as they are written, in a folder that holds the bundled data cut short, so that a model trains in
seconds.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([ROOT / "README.md", *ROOT.glob("docs/**/*.md")])
BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHORT = 8_000  # characters of each text
ROWS = 150  # of each table, about

# Installation, and what `make` does: .ci/run itself is `make lint` and `make test`.
OUTSIDE = re.compile(r"(git|cd|make|pip|python3? -m pip) ")


def blocks(page: Path) -> list[tuple[str, str]]:
    return BLOCK.findall(page.read_text(encoding="utf-8"))


def shell_lines(block: str) -> list[str]:
    lines = (re.sub(r"\s+#.*", "", line) for line in block.replace("\\\n", " ").splitlines())
    return [line for line in lines if line.strip() and not OUTSIDE.match(line)]


def cut_short(file: Path) -> bytes:
    if file.suffix == ".txt":
        return file.read_text(encoding="utf-8")[:SHORT].encode()
    if file.suffix == ".tsv":
        header, *rows = file.read_bytes().splitlines(keepends=True)
        return b"".join([header, *rows[:: len(rows) // ROWS + 1]])  # evenly, for rows may be sorted
    return file.read_bytes()


@pytest.fixture(scope="module")
def repository(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("repository")
    data = folder / "examples" / "data"
    data.mkdir(parents=True)
    for file in (ROOT / "examples" / "data").rglob("*.*"):
        copy = data / file.relative_to(ROOT / "examples" / "data")
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(cut_short(file))
    for script in (ROOT / "examples").glob("*.py"):
        (folder / "examples" / script.name).write_bytes(script.read_bytes())
    return folder


@pytest.fixture
def folder(repository, tmp_path) -> Path:
    """A reader's own copy: what one page leaves behind is not there for the next."""
    return shutil.copytree(repository, tmp_path / "reader")


def execute(command: list[str] | str, folder: Path) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    threads = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    process = subprocess.run(
        command,
        shell=isinstance(command, str),
        cwd=folder,
        env={**os.environ, "PATH": path, **threads},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=240,
    )
    assert process.returncode == 0, f"{command}\n{process.stdout}\n{process.stderr}"


@pytest.mark.parametrize("page", [p for p in PAGES if blocks(p)], ids=lambda p: str(p.relative_to(ROOT)))
def test_every_block_runs(page, folder):
    for language, block in blocks(page):
        if language == "python":
            execute([sys.executable, "-W", "error", "-c", block], folder)
        else:
            for line in shell_lines(block):
                execute(line, folder)


def test_make_demo_runs(folder):
    process = subprocess.run(
        ["make", "--always-make", "--dry-run", "--no-print-directory", "demo"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    commands = [line for line in process.stdout.splitlines() if line.startswith(".venv/bin/ostinato ")]
    assert len(commands) >= 4
    for command in commands:
        execute(shlex.join(["ostinato", *shlex.split(command)[1:]]), folder)


@pytest.mark.parametrize("script", sorted((ROOT / "examples").glob("*.py")), ids=lambda p: p.name)
def test_example_runs(script, folder):
    execute([sys.executable, "-W", "error", f"examples/{script.name}"], folder)


def test_links_between_pages_lead_somewhere():
    for page in [*PAGES, ROOT / "ARCHITECTURE.md", ROOT / "CONTRIBUTING.md"]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
