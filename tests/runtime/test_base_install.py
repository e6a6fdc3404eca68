"""The base install is enough to run a model, in an environment that is made for the purpose."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ostinato import Translator

from ..panels import panel, wave
from .forecasters import fitted
from .saved import language_model, series, series_classifier

PAIRS = ["ab", "ba"] * 5, ["AB", "BA"] * 5
ROOT = Path(__file__).parents[2]
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
# What training needs, and some of what that brings along.
ABSENT = [
    "torch",
    "polars",
    "pandas",
    "sklearn",
    "scipy",
    "joblib",
    "sacrebleu",
    "tensorboard",
    "matplotlib",
    "av",
]


def run(command, message, **options):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, **options)
    if done.returncode:
        pytest.fail(f"{message}:\n{done.stdout}{done.stderr}", pytrace=False)
    return done.stdout


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """The `bin` of an environment into which this Ostinato was installed from a wheel, without extras."""
    folder = tmp_path_factory.mktemp("base")
    built = ["--no-build-isolation", "--no-deps", "--config-settings=build-dir=build/native"]
    run([*PIP, "wheel", "--quiet", *built, "-w", folder, "."], "no wheel could be built", cwd=ROOT)
    (wheel,) = folder.glob("*.whl")
    run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], "no environment could be made")
    place = folder / "venv" / "bin"
    wanted = ["--quiet", "--no-compile", "-c", ROOT / "constraints.txt", wheel]
    run(
        [*PIP, "--python", place / "python", "install", *wanted],
        "the base install failed; without a network pip needs the wheels of constraints.txt in its cache",
    )
    return place


def python(base, source, *arguments):
    """What a program prints in that environment, which sees nothing of this one."""
    command = [base / "python", "-I", "-c", source, *arguments]
    return run(command, "it failed in the base install", cwd=base)


# Loads each model, lets it read some steps or translate, and tells what it said and which modules that took.
USE = """
import json, sys
from ostinato import runtime
told = []
for directory, steps in zip(sys.argv[1::2], map(json.loads, sys.argv[2::2]), strict=True):
    model = runtime.load(directory)
    if model.task == "translate":
        told.append(model.translate(steps))
    else:
        stream = model.stream()
        told.append([stream.told(stream.push(step)) for step in steps])
print(json.dumps([told, sorted({name.partition(".")[0] for name in sys.modules})]))
"""


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Directories, and what is pushed into a stream of each."""
    folder = tmp_path_factory.mktemp("models")
    forecaster = fitted(panel(wave(40)), hidden_size=3)
    numbers = [[float(x) for x in row] for row in series()[0].round(2)[[0, 2]]]
    made = {"forecaster": (forecaster, [12.5, None]), "lm": (language_model(), ["t", "h"])}
    made["translator"] = (Translator(hidden_size=4, epochs=1, threads=1).fit(*PAIRS), ["ab", "b"])
    made["classifier"] = (series_classifier(), numbers)
    for name, (model, _) in made.items():
        model.save(folder / name)
    return {folder / name: steps for name, (_, steps) in made.items()}


@pytest.fixture(scope="module")
def arguments(models):
    return [str(each) for place, steps in models.items() for each in (place, json.dumps(steps))]


@pytest.fixture(scope="module")
def here(arguments):
    """What the models say in this environment, and the modules that took."""
    return json.loads(run([sys.executable, "-c", USE, *arguments], "it failed here"))


def streamed(base, directory, steps):
    """What `ostinato stream` answers to them, without the numbers of the lines."""
    lines = "".join(json.dumps(step) + "\n" for step in steps)
    done = run([base / "ostinato", "stream", directory], "the command failed", input=lines, cwd=base)
    return [{k: v for k, v in json.loads(line).items() if k != "line"} for line in done.splitlines()]


def test_models_say_what_they_say_here(base, models, arguments, here):
    find = f"from importlib.util import find_spec; print([name for name in {ABSENT} if find_spec(name)])"
    assert python(base, find) == "[]\n"
    told, _ = json.loads(python(base, USE, *arguments))
    assert told == here[0]
    for (directory, steps), expected in zip(models.items(), told, strict=True):
        if directory.name in ("forecaster", "lm"):
            assert streamed(base, directory, steps) == expected


def test_what_training_needs_is_not_imported_where_it_is_there(here):
    assert not set(here[1]) & set(ABSENT)
