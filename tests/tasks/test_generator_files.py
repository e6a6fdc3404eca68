"""A stranger's directory of a generator: a model, or `InputError` in one line. Never anything else."""

import hashlib
import json
import math

import numpy as np
import pytest
from safetensors.numpy import load, save

from ostinato import Classifier, Generator, InputError

FILES = [
    "config.json",
    "inputs.json",
    "targets.json",
    "metrics.json",
    "history.jsonl",
    "model.safetensors",
    "baseline.safetensors",
]
KINDS = {
    "class-to-text": (["a", "b"] * 25, ["xyz", "zyx"] * 25),
    "vector-to-text": ([[1.0, 2.0], [2.0, 1.0]] * 5, ["xyz", "zyx"] * 5),
    "class-to-numbers": (["a", "b"] * 5, [[1.0, 2.0], [3.0, 2.0, 1.0]] * 5),
    "number-to-vectors": ([1.0, 2.0] * 5, [np.eye(2), np.ones((3, 2))] * 5),
}


@pytest.fixture(scope="module", params=KINDS)
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def fitted(kind):
    return Generator(hidden_size=4, embedding_size=3, condition_size=2, epochs=1, threads=1).fit(*KINDS[kind])


@pytest.fixture
def mine(fitted, tmp_path):
    """A directory to be damaged."""
    fitted.save(tmp_path / "m")
    return tmp_path / "m"


def seal(directory):
    """Write the checksums that the files have now, as an attacker would."""
    path = directory / "config.json"
    config = json.loads(path.read_bytes())
    config["files"] = {n: hashlib.sha256((directory / n).read_bytes()).hexdigest() for n in config["files"]}
    path.write_text(json.dumps(config))


def edit(directory, name, change):
    value = json.loads((directory / name).read_bytes())
    change(value)
    (directory / name).write_text(json.dumps(value))
    seal(directory)


def use(directory, kind):
    """Load the model and do everything with it that can be done."""
    X, y = KINDS[kind]
    model = Generator.load(directory)
    model.predict(X[:2])
    model.sample(X[:2], length=3, seed=0)
    assert math.isfinite(model.evaluate(X[:3], y[:3])["model"]["loss"])


def complaint(directory, kind):
    with pytest.raises(InputError) as caught:
        use(directory, kind)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_a_loaded_model_is_the_saved_one(fitted, mine, kind):
    X, y = KINDS[kind]
    loaded = Generator.load(mine)
    assert loaded.get_params() == fitted.get_params()
    assert loaded.evaluate(X, y) == fitted.evaluate(X, y)
    for ours, theirs in zip(fitted.sample(X, seed=1), loaded.sample(X, seed=1), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_loading_and_saving_gives_the_same_files(mine, tmp_path):
    Generator.load(mine).save(tmp_path / "again")
    names = sorted(path.name for path in mine.iterdir())
    assert [(mine / n).read_bytes() for n in names] == [(tmp_path / "again" / n).read_bytes() for n in names]


@pytest.mark.parametrize("name", FILES)
class TestEachFile:
    def test_missing(self, mine, kind, name):
        (mine / name).unlink()
        assert name in complaint(mine, kind)

    @pytest.mark.parametrize("share", [0.0, 0.4, 0.9])
    def test_truncated_and_sealed_again(self, mine, kind, name, share):
        content = (mine / name).read_bytes()
        (mine / name).write_bytes(content[: int(len(content) * share)])
        if name != "config.json":
            seal(mine)
        if name == "history.jsonl" and share == 0:
            use(mine, kind)
        else:
            assert name in complaint(mine, kind)

    @pytest.mark.parametrize("content", [b"[]", b"null", b"7", b"{}", b"\xff\xfe"])
    def test_other_content(self, mine, kind, name, content):
        (mine / name).write_bytes(content)
        if name != "config.json":
            seal(mine)
        if (name, content) in [("metrics.json", b"{}"), ("history.jsonl", b"{}")]:
            use(mine, kind)
        else:
            assert name in complaint(mine, kind)


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c["parameters"].update(hidden_size=5),
        lambda c: c["parameters"].update(hidden_size=1 << 15),
        lambda c: c["parameters"].update(condition_size=0),
        lambda c: c["parameters"].update(cell="other"),
        lambda c: c["parameters"].update(unheard=1),
        lambda c: c.update(data=[]),
        lambda c: c.update(task="classify"),
    ],
    ids=["other-size", "huge", "no-condition", "cell", "unheard", "data", "task"],
)
def test_config(mine, kind, change):
    config = json.loads((mine / "config.json").read_bytes())
    change(config)
    (mine / "config.json").write_text(json.dumps(config))
    complaint(mine, kind)


@pytest.mark.parametrize("name", ["inputs.json", "targets.json"])
@pytest.mark.parametrize("value", ["other", None, 3])
def test_another_kind(mine, kind, name, value):
    edit(mine, name, lambda content: content.update(kind=value))
    assert name in complaint(mine, kind)


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_weights_that_are_not_finite(mine, kind, number):
    path = mine / "model.safetensors"
    arrays = load(path.read_bytes())
    arrays["decoder.bias"][0] = number
    path.write_bytes(save(arrays))
    seal(mine)
    assert "numbers that are not finite" in complaint(mine, kind)


def test_a_baseline_of_another_kind(mine, kind):
    (mine / "baseline.safetensors").write_bytes(save({"a": np.zeros(1)}))
    seal(mine)
    assert "baseline.safetensors" in complaint(mine, kind)


def test_a_model_of_another_task(mine):
    with pytest.raises(InputError, match="is of a model for 'generate', not for 'classify'"):
        Classifier.load(mine)


def test_not_over_a_model_unless_asked(fitted, mine):
    with pytest.raises(InputError, match="is not empty"):
        fitted.save(mine)
    fitted.save(mine, overwrite=True)
    Generator.load(mine)
