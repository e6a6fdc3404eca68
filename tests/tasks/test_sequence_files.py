"""A stranger's classifier or regressor: a model, or `InputError` in one line. Never anything else."""

import json
import math
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load, save

from ostinato import Classifier, InputError, Regressor

from .rising import LABELS, NUMBERS, SUMS, TEXTS, TINY
from .test_language_files import QUICK, copied, little_memory, mutated, seal

JSON_FILES = ["config.json", "inputs.json", "targets.json", "metrics.json"]
FILES = [*JSON_FILES, "history.jsonl", "model.safetensors", "baseline.safetensors"]
GAPPY = [np.where(np.arange(len(numbers)) == 1, np.nan, numbers) for numbers in NUMBERS]
KINDS = {
    "text-classifier": (Classifier, TEXTS, LABELS),
    "token-classifier": (Classifier, [list(text) for text in TEXTS], LABELS),
    "number-regressor": (Regressor, GAPPY, SUMS),
}


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """The directories of a model of each kind; not to be changed."""
    folder = tmp_path_factory.mktemp("saved")
    for name, (kind, X, y) in KINDS.items():
        kind(**{**TINY, "epochs": 1}).fit(X, y).save(folder / name)
    return folder


@pytest.fixture(params=KINDS)
def mine(saved, tmp_path, request):
    """A copy of a saved model, to be damaged."""
    shutil.copytree(saved / request.param, tmp_path / request.param)
    return tmp_path / request.param


@pytest.fixture
def of_texts(saved, tmp_path):
    shutil.copytree(saved / "text-classifier", tmp_path / "text-classifier")
    return tmp_path / "text-classifier"


@pytest.fixture
def of_numbers(saved, tmp_path):
    shutil.copytree(saved / "number-regressor", tmp_path / "number-regressor")
    return tmp_path / "number-regressor"


def use(directory: Path, name: str | None = None) -> None:
    """Load the model and do everything with it that can be done."""
    kind, X, y = KINDS[name or directory.name]
    model = kind.load(directory)
    assert np.isfinite(model.evaluate(X[:7], y[:7])["model"]["loss"])
    model.predict(X[:3])
    json.dumps(model.evaluate(X, y), allow_nan=False)
    model.get_params()


def complaint(directory: Path) -> str:
    with pytest.raises(InputError) as caught:
        use(directory)
    message = str(caught.value)
    assert "\n" not in message
    return message


def edit(directory, name, change):
    path = directory / name
    value = json.loads(path.read_bytes())
    change(value)
    path.write_text(json.dumps(value))
    if name != "config.json":
        seal(directory)


def edit_arrays(directory, name, change):
    content = load((directory / name).read_bytes())
    change(content)
    (directory / name).write_bytes(save(content))
    seal(directory)


def test_whole_it_loads(mine):
    use(mine)


def test_loading_and_saving_gives_the_same_files(mine, tmp_path):
    kind, *_ = KINDS[mine.name]
    kind.load(mine).save(tmp_path / "again")
    names = sorted(path.name for path in mine.iterdir())
    assert [(mine / n).read_bytes() for n in names] == [(tmp_path / "again" / n).read_bytes() for n in names]


@pytest.mark.parametrize("name", FILES)
class TestEachFile:
    @pytest.mark.parametrize("share", [0, 0.5, 0.99])
    def test_truncated(self, of_texts, name, share):
        content = (of_texts / name).read_bytes()
        (of_texts / name).write_bytes(content[: int(len(content) * share)])
        assert f"{of_texts / name}" in complaint(of_texts)

    @pytest.mark.parametrize("content", [b"[", b"[]", b"null", b"7", b'"x"', b"[" * 100_000, b"\xff\xfe"])
    def test_other_content(self, of_texts, name, content):
        (of_texts / name).write_bytes(content)
        seal(of_texts)
        assert name in complaint(of_texts)

    def test_missing(self, of_texts, name):
        (of_texts / name).unlink()
        assert name in complaint(of_texts)

    def test_a_fifo(self, of_texts, name):
        (of_texts / name).unlink()
        os.mkfifo(of_texts / name)
        assert "is not an ordinary file" in complaint(of_texts)


CONFIGS = {
    "task": (lambda c: c.update(task="tag"), "is of a model for 'tag', not for 'classify'"),
    "no-parameters": (lambda c: c.pop("parameters"), "`parameters` are not those of a model for 'classify'"),
    "a-parameter-more": (lambda c: c["parameters"].update(magic=1), "'magic'"),
    "cell": (lambda c: c["parameters"].update(cell="transformer"), "cell is 'transformer'"),
    "pooling": (lambda c: c["parameters"].update(pooling=[]), "pooling is []"),
    "hidden-terabytes": (
        lambda c: c["parameters"].update(hidden_size=10**12),
        "hidden_size is 1000000000000",
    ),
    "largest-allowed": (
        lambda c: c["parameters"].update(hidden_size=32768, num_layers=64),
        "by its config.json",
    ),
    "another-cell": (lambda c: c["parameters"].update(cell="lstm"), "has shape"),
    "one-way": (lambda c: c["parameters"].update(bidirectional=False), "has shape"),
    "class-weight": (lambda c: c["parameters"].update(class_weight={"a": [1]}), "class_weight is"),
    "no-data": (lambda c: c.pop("data"), "`data` does not say"),
    "share": (lambda c: c["data"].update(validation=7.5), "the held-out share is 7.5"),
    "share-nan": (lambda c: c["data"].update(validation=math.nan), "the held-out share is nan"),
    "no-seed": (lambda c: c["data"].pop("seed"), "`data` does not say"),
    "seed": (lambda c: c["data"].update(seed=-1), "`data` does not say"),
    "share-true": (lambda c: c["data"].update(validation=True), "`data` does not say"),
    "no-checksum": (lambda c: c["files"].pop("targets.json"), "has no checksum of targets.json"),
}


@pytest.mark.parametrize(("change", "words"), CONFIGS.values(), ids=CONFIGS)
def test_config(of_texts, change, words):
    edit(of_texts, "config.json", change)
    message = complaint(of_texts)
    assert words in message
    assert str(of_texts) in message


def test_a_saved_number_of_threads_that_this_machine_has_not(of_texts):
    edit(of_texts, "config.json", lambda c: c["parameters"].update(threads=1024, workers=1024))
    assert Classifier.load(of_texts).threads is None
    use(of_texts)


def test_another_kind_of_input_than_the_network_reads(of_texts, of_numbers):
    shutil.copy(of_numbers / "inputs.json", of_texts / "inputs.json")
    seal(of_texts)
    assert str(of_texts) in complaint(of_texts)


DETAILS = {
    "one-class": ("targets.json", lambda t: t["labels"].update(labels=["up"]), "two classes or more"),
    "a-class-more": ("targets.json", lambda t: t["labels"]["labels"].append("x"), "tensor decoder"),
    "same-classes": ("targets.json", lambda t: t["labels"].update(labels=["up", "up"]), "distinct"),
    "numbers": ("targets.json", lambda t: t["labels"].update(type="i"), "labels must all be of their type"),
    "a-letter-more": ("inputs.json", lambda i: i["tokenizer"]["entries"].append("é"), "has shape"),
    "no-letters": ("inputs.json", lambda i: i["tokenizer"].update(entries=[]), "inputs.json: "),
    "kind": ("inputs.json", lambda i: i.update(kind="smell"), "an input encoder's `kind` must be"),
}


@pytest.mark.parametrize(("name", "change", "words"), DETAILS.values(), ids=DETAILS)
def test_inputs_and_targets(of_texts, name, change, words):
    edit(of_texts, name, change)
    assert words in complaint(of_texts)


SCALES = {
    "nan": lambda s: s.update(mean=[math.nan]),
    "endless": lambda s: s.update(mean=[10**400]),
    "nothing": lambda s: s.update(scale=[0.0]),
    "no-gaps": lambda s: s.update(gaps=[False]),
    "a-column-more": lambda s: s.update(mean=[0.0] * 2, scale=[1.0] * 2, gaps=[True] * 2),
}


@pytest.mark.parametrize("change", SCALES.values(), ids=SCALES)
def test_the_scale_of_numbers(of_numbers, change):
    edit(of_numbers, "inputs.json", lambda i: change(i["scaler"]))
    assert str(of_numbers) in complaint(of_numbers)


WEIGHTS = {
    "more": (lambda a: a.update(extra=np.zeros(3, np.float32)), "has a tensor 'extra'"),
    "less": (lambda a: a.pop("decoder.bias"), "lacks the tensor decoder.bias"),
    "shape": (lambda a: a.update({"decoder.bias": a["decoder.bias"][:-1]}), "decoder.bias has shape"),
    "double": (lambda a: a.update({"decoder.bias": a["decoder.bias"].astype(float)}), "is F64, not F32"),
    "nan": (lambda a: a.update({"decoder.bias": a["decoder.bias"] * np.float32(np.nan)}), "not finite"),
    "overflows": (
        lambda a: a.update({"decoder.weight": np.full_like(a["decoder.weight"], 3e38)}),
        "not finite",
    ),
}


@pytest.mark.parametrize(("change", "words"), WEIGHTS.values(), ids=WEIGHTS)
def test_weights(mine, change, words):
    edit_arrays(mine, "model.safetensors", change)
    assert words in complaint(mine)


def test_scores_that_overflow_are_no_prediction(of_texts):
    edit_arrays(of_texts, "model.safetensors", WEIGHTS["overflows"][0])
    with pytest.raises(InputError, match="scores are not all finite"):
        Classifier.load(of_texts).predict(TEXTS)


BASELINES = {
    "more": lambda a: a.update(extra=np.zeros(3, np.float32)),
    "less": lambda a: a.pop("bias"),
    "nan": lambda a: a.update(bias=a["bias"] * np.float32(np.nan)),
    "features": lambda a: a.update({n: a[n][..., :-1] for n in ("centre", "scale", "weights")}),
    "overflows": lambda a: a.update(weights=np.full_like(a["weights"], 3e38)),
    "scale-of-nothing": lambda a: a.update(scale=a["scale"] * 0),
}


@pytest.mark.parametrize("change", BASELINES.values(), ids=BASELINES)
def test_baseline(of_numbers, change):
    edit_arrays(of_numbers, "baseline.safetensors", change)
    complaint(of_numbers)


@pytest.mark.parametrize("name", ["model.safetensors", "baseline.safetensors"])
@pytest.mark.parametrize("claimed", [10**6, 10**12, 2**62, 2**64])
def test_a_header_that_claims_much(of_texts, name, claimed):
    header = json.dumps(
        {"x": {"dtype": "F32", "shape": [claimed], "data_offsets": [0, 4 * claimed]}}
    ).encode()
    (of_texts / name).write_bytes(len(header).to_bytes(8, "little") + header + b"\0" * 100)
    seal(of_texts)
    with little_memory():
        assert str(of_texts / name) in complaint(of_texts)


def test_a_consistent_model_of_terabytes_takes_no_memory(of_texts):
    edit(of_texts, "config.json", lambda c: c["parameters"].update(hidden_size=32768, num_layers=64))
    with (of_texts / "model.safetensors").open("r+b") as file:
        file.truncate(1 << 42)
    with little_memory():
        assert "bytes; at most" in complaint(of_texts)


def only_input_errors(directory: Path, name: str) -> None:
    try:
        use(directory, name)
    except InputError as error:
        assert "\n" not in str(error)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", JSON_FILES)
@settings(QUICK, max_examples=15)
@given(data=st.data())
def test_any_json_is_a_model_or_an_input_error(saved, kind, name, data):
    value = mutated(json.loads((saved / kind / name).read_bytes()), data.draw)
    with copied(saved / kind) as directory:
        (directory / name).write_text(json.dumps(value))
        seal(directory)
        only_input_errors(directory, kind)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["inputs.json", "targets.json", "model.safetensors", "baseline.safetensors"])
@settings(QUICK, max_examples=10)
@given(data=st.data())
def test_any_bytes_are_a_model_or_an_input_error(saved, kind, name, data):
    content = bytearray((saved / kind / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    with copied(saved / kind) as directory:
        (directory / name).write_bytes(content)
        seal(directory)
        only_input_errors(directory, kind)
