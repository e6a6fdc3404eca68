"""A stranger's directory of a translator: a model, or `InputError` in one line. Never anything else."""

import hashlib
import json
import math

import numpy as np
import pytest
from safetensors.numpy import load, save

from ostinato import Generator, InputError, Translator

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
    "texts": (["open {0}", "two of 7"] * 5, ["{0} open", "7 of two"] * 5),
    "text-to-tokens": (["ab", "ba"] * 5, [["A", "B"], ["B"]] * 5),
}


@pytest.fixture(scope="module", params=KINDS)
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def fitted(kind):
    return Translator(hidden_size=4, embedding_size=3, epochs=1, threads=1).fit(*KINDS[kind])


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


def edit_arrays(directory, name, change):
    arrays = load((directory / name).read_bytes())
    change(arrays)
    (directory / name).write_bytes(save(arrays))
    seal(directory)


def use(directory, kind):
    """Load the model and do everything with it that can be done."""
    X, y = KINDS[kind]
    model = Translator.load(directory)
    model.predict(X[:2])
    model.translate(X[:2], beam_size=2, length=3, attention=True)
    assert math.isfinite(model.evaluate(X[:3], y[:3])["model"]["loss"])


def complaint(directory, kind):
    with pytest.raises(InputError) as caught:
        use(directory, kind)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_a_loaded_model_is_the_saved_one(fitted, mine, kind):
    X, y = KINDS[kind]
    loaded = Translator.load(mine)
    assert loaded.get_params() == fitted.get_params()
    assert loaded.evaluate(X, y) == fitted.evaluate(X, y)
    assert loaded.predict(X) == fitted.predict(X)


def test_loading_and_saving_gives_the_same_files(mine, tmp_path):
    Translator.load(mine).save(tmp_path / "again")
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
        lambda c: c["parameters"].update(attention=False),
        lambda c: c["parameters"].update(attention=None),
        lambda c: c["parameters"].update(beam_size=10**9),
        lambda c: c["parameters"].update(length_penalty="x"),
        lambda c: c["parameters"].update(cell="other"),
        lambda c: c["parameters"].update(unheard=1),
        lambda c: c.update(data=[]),
        lambda c: c.update(task="generate"),
    ],
    ids=[
        "other-size",
        "huge",
        "no-attention",
        "attention",
        "beam",
        "penalty",
        "cell",
        "unheard",
        "data",
        "task",
    ],
)
def test_config(mine, kind, change):
    config = json.loads((mine / "config.json").read_bytes())
    change(config)
    (mine / "config.json").write_text(json.dumps(config))
    complaint(mine, kind)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("inputs.json", {"longest": 0}),
        ("inputs.json", {"longest": 10**30}),
        ("inputs.json", {"scripts": {}}),
        ("inputs.json", {"sentences": {"kind": "other"}}),
        ("inputs.json", {"copied": "everything"}),
        ("targets.json", {"ratio": -1.0}),
        ("targets.json", {"ratio": math.inf}),
        ("targets.json", {"sentences": None}),
    ],
    ids=str,
)
def test_sides(mine, kind, name, change):
    edit(mine, name, lambda content: content.update(change))
    assert name in complaint(mine, kind)


@pytest.mark.parametrize("slots", [0, 15])
def test_sides_that_do_not_agree(mine, kind, slots):
    def change(content):
        content["sentences"] = {"kind": "text", "slots": slots, "tokenizer": tokenizer}

    tokenizer = json.loads((mine / "inputs.json").read_bytes())["sentences"]["tokenizer"]
    edit(mine, "targets.json", change)
    complaint(mine, kind)


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_weights_that_are_not_finite(mine, kind, number):
    edit_arrays(mine, "model.safetensors", lambda arrays: arrays["bias"].put(0, number))
    assert "numbers that are not finite" in complaint(mine, kind)


def test_weights_that_are_of_no_use(mine, kind):
    edit_arrays(mine, "model.safetensors", lambda arrays: [a.fill(3e38) for a in arrays.values()])
    assert "train it again" in complaint(mine, kind)


@pytest.mark.parametrize(
    "arrays",
    [
        {"a": np.zeros(1)},
        {"sources": np.zeros(4, np.uint8), "targets": np.zeros(4, np.uint8)},
        {"sources": np.frombuffer(b'[["a"]]\n', np.uint8), "targets": np.frombuffer(b"3\n", np.uint8)},
    ],
    ids=["names", "bytes", "values"],
)
def test_a_baseline_that_is_none(mine, kind, arrays):
    (mine / "baseline.safetensors").write_bytes(save(arrays))
    seal(mine)
    assert "baseline.safetensors" in complaint(mine, kind)


def test_a_model_of_another_task(mine):
    with pytest.raises(InputError, match="is of a model for 'translate', not for 'generate'"):
        Generator.load(mine)


def test_not_over_a_model_unless_asked(fitted, mine):
    with pytest.raises(InputError, match="is not empty"):
        fitted.save(mine)
    fitted.save(mine, overwrite=True)
    Translator.load(mine)
