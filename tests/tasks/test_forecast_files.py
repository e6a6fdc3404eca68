"""A stranger's forecaster: a model, or `InputError` in one line. Never anything else."""

import json
import re
import shutil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load, save

from ostinato import Forecaster, InputError

from ..panels import panel, series, wave
from .test_language_files import QUICK, copied, edit, mutated, seal

WHOLE = panel(series(wave(50), known=np.arange(108.0).reshape(54, 2), past=np.ones((50, 1))))
JSON_FILES = ["config.json", "inputs.json", "targets.json"]
ARRAYS = ["model.safetensors", "baseline.safetensors"]


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """The directory of a model; not to be changed."""
    directory = tmp_path_factory.mktemp("saved") / "model"
    Forecaster(horizon=4, hidden_size=3, epochs=1, batch_size=2, threads=1).fit(WHOLE).save(directory)
    return directory


@pytest.fixture
def mine(saved, tmp_path):
    """A copy of it, to be damaged."""
    shutil.copytree(saved, tmp_path / "m")
    return tmp_path / "m"


def use(directory):
    """Load the model and do everything with it that can be done."""
    model = Forecaster.load(directory)
    for forecast in (model.forecast(), model.forecast(WHOLE)):
        assert np.isfinite(forecast.values).all()
    json.dumps(model.evaluate(WHOLE), allow_nan=False)
    model.backtest(WHOLE)
    model.get_params()


def model_of(inputs):
    return inputs["learned"][""]["early"]


def complaint(directory):
    with pytest.raises(InputError) as caught:
        use(directory)
    message = str(caught.value)
    assert "\n" not in message
    return message


def edit_arrays(directory, name, change):
    content = load((directory / name).read_bytes())
    change(content)
    (directory / name).write_bytes(save(content))
    seal(directory)


def test_whole_it_loads(mine):
    use(mine)


def test_loading_and_saving_gives_the_same_files(mine, tmp_path):
    Forecaster.load(mine).save(tmp_path / "again")
    names = sorted(path.name for path in mine.iterdir())
    assert [(mine / n).read_bytes() for n in names] == [(tmp_path / "again" / n).read_bytes() for n in names]


DETAILS = {
    "task": ("config.json", lambda c: c.update(task="tag"), "not for 'forecast'"),
    "horizon": ("config.json", lambda c: c["parameters"].update(horizon=10**9), "horizon is 1000000000"),
    "longer": ("config.json", lambda c: c["parameters"].update(horizon=5), ""),
    "output": ("config.json", lambda c: c["parameters"].update(output=7), "output is 7"),
    "kind": ("targets.json", lambda t: t.update(kind="guess"), "the `kind` of a forecast"),
    "student": ("targets.json", lambda t: t.update(kind="student-t"), "lacks the tensor"),
    "no-context": ("inputs.json", lambda i: i.update(context=0), "the context must be"),
    "true-context": ("inputs.json", lambda i: i.update(context=True), "the context must be"),
    "endless-context": ("inputs.json", lambda i: i.update(context=1 << 40), "the context must be"),
    "seasons": ("inputs.json", lambda i: i.update(seasons=[2, 3, 4]), "the seasons must be"),
    "long-season": ("inputs.json", lambda i: i.update(seasons=[9999]), "needs 10000 values or more"),
    "a-series-less": ("inputs.json", lambda i: i["learned"].clear(), None),
    "no-models": ("inputs.json", lambda i: i.pop("learned"), "models of the series"),
    "errors": ("inputs.json", lambda i: model_of(i).update(errors=[[1, 2, 3]]), "weights|errors"),
    "weights": ("inputs.json", lambda i: model_of(i).update(weights=[0.5, 0.1]), "weights"),
    "variance": ("inputs.json", lambda i: model_of(i).update(variance=0), "numbers of a series' model"),
    "terms": ("inputs.json", lambda i: model_of(i)["terms"].update(covariates=1), "terms of a series' model"),
    "frequency": ("inputs.json", lambda i: i["frequency"].update(unit="eon"), "a unit of time"),
    "a-name-less": ("inputs.json", lambda i: i["known"]["names"].pop(), "as many as their scales"),
    "no-names": ("inputs.json", lambda i: i["known"].update(names=None), "covariates must have names"),
    "scale": ("inputs.json", lambda i: i["known"]["scaler"].update(scale=[0, 1]), "scales above 0"),
}


@pytest.mark.parametrize(("name", "change", "words"), DETAILS.values(), ids=DETAILS)
def test_json(mine, name, change, words):
    edit(mine, name, change)
    if words is None:
        use(mine)
    else:
        assert re.search(words, complaint(mine))


WEIGHTS = {
    "nan": lambda a: a.update({"decoder.bias": a["decoder.bias"] * np.float32(np.nan)}),
    "overflows": lambda a: a.update({"decoder.weight": np.full_like(a["decoder.weight"], 3e38)}),
    "shape": lambda a: a.update({"decoder.bias": a["decoder.bias"][:-1]}),
}


@pytest.mark.parametrize("change", WEIGHTS.values(), ids=WEIGHTS)
def test_weights(mine, change):
    edit_arrays(mine, "model.safetensors", change)
    complaint(mine)


def test_a_memory_of_nothing(mine):
    edit_arrays(mine, "baseline.safetensors", lambda a: a["values"].fill(np.nan))
    assert "has no values" in complaint(mine)


def only_input_errors(directory):
    try:
        use(directory)
    except InputError as error:
        assert "\n" not in str(error)


@pytest.mark.parametrize("name", JSON_FILES)
@settings(QUICK, max_examples=25)
@given(data=st.data())
def test_any_json_is_a_model_or_an_input_error(saved, name, data):
    value = mutated(json.loads((saved / name).read_bytes()), data.draw)
    with copied(saved) as directory:
        (directory / name).write_text(json.dumps(value))
        seal(directory)
        only_input_errors(directory)


@pytest.mark.parametrize("name", [*JSON_FILES, *ARRAYS])
@settings(QUICK, max_examples=15)
@given(data=st.data())
def test_any_bytes_are_a_model_or_an_input_error(saved, name, data):
    content = bytearray((saved / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    with copied(saved) as directory:
        (directory / name).write_bytes(content)
        seal(directory)
        only_input_errors(directory)
