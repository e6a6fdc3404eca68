"""What `import ostinato` promises, in interpreters of their own."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import ostinato

HEAVY = {"torch", "pandas", "polars", "sklearn", "numpy", "rich", "typer"}


def fresh(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_import_takes_less_than_50_ms():
    code = "import time; t = time.perf_counter(); import ostinato; print(time.perf_counter() - t)"
    assert min(float(fresh(code)) for _ in range(5)) < 0.05


def test_import_pulls_in_nothing_heavy():
    assert fresh(f"import sys, ostinato; print(sorted({HEAVY} & set(sys.modules)))") == "[]"


def test_the_first_lesson_does_not_wait_for_scikit_learn():
    assert fresh("import sys, ostinato.tasks._hello; print('sklearn' in sys.modules)") == "False"


@pytest.mark.parametrize("module", ["ostinato.kernels", "ostinato.kernels.reference", "ostinato.data"])
def test_works_where_torch_is_not_installed(module):
    code = f"""
import sys
class Without:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("torch", "pandas", "polars", "sklearn"):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Without())
import {module}
print("fine")
"""
    assert fresh(code) == "fine"


def test_a_name_that_is_not_there():
    with pytest.raises(AttributeError, match="module 'ostinato' has no attribute 'Perceptron'"):
        ostinato.Perceptron  # noqa: B018


def test_dir_lists_the_public_names():
    assert {name for name in dir(ostinato) if not name.startswith("_")} == {
        "Classifier",
        "Forecaster",
        "Generator",
        "InputError",
        "LanguageModel",
        "Regressor",
        "Tagger",
        "Translator",
    }
    assert set(ostinato.__all__) <= set(dir(ostinato))


def test_every_public_name_is_there():
    assert all(getattr(ostinato, name) is not None for name in ostinato.__all__)


def test_the_version_is_the_projects():
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]
    assert ostinato.__version__ == project["version"]
