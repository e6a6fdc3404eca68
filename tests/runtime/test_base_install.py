"""The base install is enough to run a model, in an environment that is made for the purpose."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ostinato import runtime

from ..panels import panel, wave
from .forecasters import fitted
from .saved import language_model, series, series_classifier

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


# Loads each model, lets it read a step or two, and tells what it said and which modules that took.
USE = """
import json, sys
from ostinato import runtime
told = []
for directory, steps in zip(sys.argv[1::2], map(json.loads, sys.argv[2::2]), strict=True):
    stream = runtime.load(directory).stream()
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
    made["classifier"] = (series_classifier(), numbers)
    for name, (model, _) in made.items():
        model.save(folder / name)
    return {folder / name: steps for name, (_, steps) in made.items()}


def used(models):
    return [str(each) for place, steps in models.items() for each in (place, json.dumps(steps))]


def test_streams_say_what_they_say_here_without_what_training_needs(base, models):
    find = f"from importlib.util import find_spec; print([name for name in {ABSENT} if find_spec(name)])"
    assert python(base, find) == "[]\n"
    told, modules = json.loads(python(base, USE, *used(models)))
    expected = []
    for place, steps in models.items():
        stream = runtime.load(place).stream()
        expected.append([stream.told(stream.push(step)) for step in steps])
    assert told == json.loads(json.dumps(expected))
    assert not set(modules) & set(ABSENT)


def test_streams_here_do_not_import_it_either(models):
    done = run([sys.executable, "-c", USE, *used(models)], "streaming failed")
    assert not set(json.loads(done)[1]) & set(ABSENT)
