import re
import subprocess
import sys
from pathlib import Path

import pytest

import ostinato as package

FROM_EXAMPLES = [
    "train classify",
    "train regress",
    "train tag",
    "train generate",
    "train translate",
    "train forecast",
]
LEAVES = [
    *FROM_EXAMPLES,
    "train lm",
    "evaluate",
    "generate",
    "predict",
    "export",
    "demo hello",
    "demo memory",
    "demo embedding",
]
COMMANDS = ["", "train", "demo", *LEAVES]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_80_columns_wide(ostinato, monkeypatch, command):
    monkeypatch.setenv("COLUMNS", "80")
    code, out, err = ostinato(*command.split(), "--help")
    assert (code, err) == (0, "")
    assert out.startswith(f"Usage: ostinato {command}".rstrip())
    assert max(map(len, out.splitlines())) <= 80


@pytest.mark.parametrize("command", ["", "train"])
def test_what_a_command_does_is_not_cut_short(ostinato, monkeypatch, command):
    monkeypatch.setenv("COLUMNS", "80")
    _, commands = ostinato(*command.split(), "--help").out.split("Commands:")
    assert "..." not in commands


def test_help_of_every_command_waits_for_no_torch():
    code = f"""
import sys
from pathlib import Path
from ostinato.cli._main import run
codes = [run([*command.split(), "--help"]) for command in {COMMANDS}]
print(codes, sorted({{"torch", "sklearn", "polars", "pandas", "av"}} & set(sys.modules)), file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stderr == f"{[0] * len(COMMANDS)} []\n"


def test_no_arguments_is_help(ostinato):
    assert ostinato() == ostinato("--help")


def test_version(ostinato):
    assert ostinato("--version") == (0, package.__version__ + "\n", "")


@pytest.mark.parametrize("command", LEAVES)
def test_every_option_is_in_the_reference(ostinato, command):
    page = (Path(__file__).parents[2] / "docs" / "reference" / "command-line.md").read_text(encoding="utf-8")
    sections = {section.partition("\n")[0]: section for section in page.split("\n## ")}
    section = next(text for title, text in sections.items() if title.startswith(f"`ostinato {command}"))
    if command in FROM_EXAMPLES:
        section += sections["What commands that learn from examples have in common"]
    options = set(re.findall(r"--[a-z-]+", ostinato(*command.split(), "--help").out)) - {"--help"}
    assert options and options <= set(re.findall(r"--[a-z-]+", section))
