"""A stranger's model directory: a model, or `InputError` in one line. Never anything else."""

import hashlib
import json
import math
import os
import shutil
import time
import tracemalloc
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import load, save

from ostinato import InputError, LanguageModel
from ostinato.data import ModelDirectory

JSON_FILES = ["config.json", "tokenizer.json", "metrics.json"]
FILES = [*JSON_FILES, "history.jsonl", "model.safetensors", "baseline.safetensors"]


def seal(directory: Path) -> None:
    """Write the checksums that the files have now, as an attacker would."""
    path = directory / "config.json"
    try:
        config = json.loads(path.read_bytes())
        names = list(config["files"])
        config["files"] = {n: hashlib.sha256((directory / n).read_bytes()).hexdigest() for n in names}
    except (ValueError, TypeError, KeyError, OSError, RecursionError):
        return
    path.write_text(json.dumps(config))


@contextmanager
def copied(saved):
    with TemporaryDirectory() as folder:
        shutil.copytree(saved, Path(folder) / "m")
        yield Path(folder) / "m"


def use(directory: Path) -> None:
    """Load the model and do everything with it that can be done."""
    model = LanguageModel.load(directory)
    model.predict_proba("a")
    model.generate("a", length=2, seed=0)
    assert math.isfinite(model.evaluate("abcab cab")["model"]["loss"])
    model.get_params()


def complaint(directory: Path) -> str:
    with pytest.raises(InputError) as caught:
        use(directory)
    message = str(caught.value)
    assert "\n" not in message
    return message


@pytest.fixture
def mine(saved, tmp_path):
    """A copy of the saved model, to be damaged."""
    shutil.copytree(saved, tmp_path / "m")
    return tmp_path / "m"


def edit(directory, name, change):
    path = directory / name
    value = json.loads(path.read_bytes())
    change(value)
    path.write_text(json.dumps(value))
    if name != "config.json":
        seal(directory)


def test_whole_it_loads(mine):
    use(mine)


def test_loading_and_saving_gives_the_same_files(mine, tmp_path):
    LanguageModel.load(mine).save(tmp_path / "again")
    names = sorted(path.name for path in mine.iterdir())
    assert [(mine / n).read_bytes() for n in names] == [(tmp_path / "again" / n).read_bytes() for n in names]


def test_a_model_that_is_replaced_while_it_is_read(mine, tiny, text, monkeypatch):
    new = tiny(hidden_size=3).fit(text)
    read = ModelDirectory.json

    def read_late(self, name):
        monkeypatch.undo()
        new.save(mine, overwrite=True)
        return read(self, name)

    monkeypatch.setattr(ModelDirectory, "json", read_late)
    assert LanguageModel.load(mine).hidden_size == 3


def test_a_parameter_that_came_later_has_its_default(mine):
    edit(mine, "config.json", lambda c: c["parameters"].pop("patience"))
    assert LanguageModel.load(mine).patience == LanguageModel().patience
    use(mine)


@pytest.mark.parametrize("name", ["tokenizer.json", "baseline.safetensors"])
def test_the_file_is_told_also_in_a_directory_of_one_letter(mine, monkeypatch, name):
    mine.rename(mine.with_name("a"))
    monkeypatch.chdir(mine.parent)
    other = {"tokenizer.json": b"{}", "baseline.safetensors": save({"a": np.zeros(1)})}[name]
    (Path("a") / name).write_bytes(other)
    seal(Path("a"))
    assert complaint(Path("a")).startswith(f"a/{name}: ")


@pytest.mark.parametrize("name", FILES)
class TestEachFile:
    @pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.99])
    def test_truncated(self, mine, name, share):
        content = (mine / name).read_bytes()
        (mine / name).write_bytes(content[: int(len(content) * share)])
        assert f"{mine / name}" in complaint(mine)

    @pytest.mark.parametrize("share", [0, 0.3, 0.6, 1])
    def test_truncated_and_sealed_again(self, mine, name, share):
        content = (mine / name).read_bytes()
        (mine / name).write_bytes(content[: int((len(content) - 2) * share)])
        seal(mine)
        if name == "history.jsonl" and share == 0:
            use(mine)  # no evaluation ever: not one to complain of
        else:
            assert f"{mine / name}" in complaint(mine)

    def test_missing(self, mine, name):
        (mine / name).unlink()
        assert name in complaint(mine)

    def test_a_folder(self, mine, name):
        (mine / name).unlink()
        (mine / name).mkdir()
        assert "is not an ordinary file" in complaint(mine)

    def test_a_fifo(self, mine, name):

        (mine / name).unlink()
        os.mkfifo(mine / name)
        assert "is not an ordinary file" in complaint(mine)

    def test_a_link_out_of_the_directory(self, mine, name, tmp_path):
        shutil.move(mine / name, tmp_path / name)
        (mine / name).symlink_to(tmp_path / name)
        assert "is a link that leads out of the model directory" in complaint(mine)

    def test_a_link_to_a_device(self, mine, name):
        (mine / name).unlink()
        (mine / name).symlink_to("/dev/zero")
        assert "is a link that leads out of the model directory" in complaint(mine)

    def test_a_link_to_itself(self, mine, name):
        (mine / name).unlink()
        (mine / name).symlink_to(name)
        assert name in complaint(mine)

    def test_petabytes_that_are_not_there(self, mine, name):
        with (mine / name).open("r+b") as file:
            file.truncate(1 << 43)  # sparse; the largest some file systems take
        assert "bytes; at most" in complaint(mine)

    @pytest.mark.parametrize(
        "content", [b"", b"[", b"[]", b"null", b"7", b'"x"', b"[" * 100_000, b"\xff\xfe"]
    )
    def test_other_content(self, mine, name, content):
        (mine / name).write_bytes(content)
        seal(mine)
        if name == "history.jsonl" and content == b"":
            return
        assert name in complaint(mine)


@pytest.mark.parametrize("name", FILES[1:])
@pytest.mark.parametrize("share", [0, 0.3, 0.6, 0.99])
def test_a_byte_flipped(mine, name, share):
    content = bytearray((mine / name).read_bytes())
    content[int(len(content) * share)] ^= 1
    (mine / name).write_bytes(content)
    assert str(mine / name) in complaint(mine)


CONFIGS = {
    "newer-format": (
        lambda c: c.update(format_version=2),
        "has format 2 and this Ostinato reads up to 1: upgrade with",
    ),
    "version-of-text": (lambda c: c.update(format_version="1"), "format_version is '1'"),
    "version-true": (lambda c: c.update(format_version=True), "format_version is True"),
    "format": (lambda c: c.update(format="other"), "is not the configuration of an Ostinato model"),
    "task": (lambda c: c.update(task="classify"), "is of a model for 'classify'"),
    "odd-checksum": (
        lambda c: c["files"].update({"model.safetensors": "\ud800"}),
        "what stands for 'model.safetensors' in `files` is no SHA-256",
    ),
    "no-checksums": (lambda c: c.pop("files"), "`files` is not a table of checksums"),
    "no-checksum": (lambda c: c["files"].pop("model.safetensors"), "has no checksum of model.safetensors"),
    "up": (lambda c: c["files"].update({"../x": "0"}), "names '../x', which is not a file of the directory"),
    "absolute": (lambda c: c["files"].update({"/etc/passwd": "0"}), "names '/etc/passwd'"),
    "backslash": (lambda c: c["files"].update({"a\\b": "0"}), "names"),
    "no-parameters": (lambda c: c.pop("parameters"), "`parameters` are not those of"),
    "parameters-list": (lambda c: c.update(parameters=[]), "`parameters` are not those of"),
    "a-parameter-more": (
        lambda c: c["parameters"].update(magic=1),
        "`parameters` are not those of a model for 'lm': 'magic'",
    ),
    "cell": (lambda c: c["parameters"].update(cell="transformer"), "cell is 'transformer'"),
    "cell-list": (lambda c: c["parameters"].update(cell=["gru"]), "cell is ['gru']"),
    "hidden-terabytes": (
        lambda c: c["parameters"].update(hidden_size=10**12),
        "hidden_size is 1000000000000",
    ),
    "hidden-endless": (lambda c: c["parameters"].update(hidden_size=10**400), "hidden_size is about 2^1329"),
    "hidden-float": (
        lambda c: c["parameters"].update(hidden_size=4.0),
        "hidden_size is 4.0: it must be a whole",
    ),
    "layers": (lambda c: c["parameters"].update(num_layers=10**9), "num_layers is 1000000000"),
    "largest-allowed": (
        lambda c: c["parameters"].update(hidden_size=32768, num_layers=64),
        "by its config.json it should",
    ),
    "embedding": (lambda c: c["parameters"].update(embedding_size=32768), "has shape"),
    "rate-endless": (
        lambda c: c["parameters"].update(learning_rate=10**400),
        "learning_rate is about 2^1329",
    ),
    "dropout-nan": (lambda c: c["parameters"].update(dropout=math.nan), "dropout is nan"),
    "another-cell": (lambda c: c["parameters"].update(cell="lstm"), "has shape"),
    "no-text": (lambda c: c.pop("text"), "`text` does not say"),
    "share": (lambda c: c["text"].update(validation=7.5), "the held-out share is 7.5"),
    "share-nan": (lambda c: c["text"].update(validation=math.nan), "the held-out share is nan"),
}


@pytest.mark.parametrize(("change", "words"), CONFIGS.values(), ids=CONFIGS)
def test_config(mine, change, words):
    edit(mine, "config.json", change)
    message = complaint(mine)
    assert words in message
    assert str(mine) in message


def test_a_saved_number_of_threads_that_this_machine_has_not(mine):
    edit(mine, "config.json", lambda c: c["parameters"].update(threads=1024))
    assert LanguageModel.load(mine).threads is None


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        (lambda a: a.update(extra=np.zeros(3, np.float32)), "has a tensor 'extra'"),
        (lambda a: a.pop("decoder.bias"), "lacks the tensor decoder.bias"),
        (lambda a: a.update({"decoder.bias": a["decoder.bias"][:-1]}), "tensor decoder.bias has shape"),
        (lambda a: a.update({"decoder.bias": a["decoder.bias"].astype(np.float64)}), "is F64, not F32"),
        (lambda a: a.update({"decoder.bias": a["decoder.bias"] * np.float32(np.nan)}), "not finite"),
        (lambda a: a.update({"decoder.bias": np.full_like(a["decoder.bias"], np.inf)}), "not finite"),
        (lambda a: a.update({"decoder.weight": np.full_like(a["decoder.weight"], 3e38)}), "not finite"),
    ],
    ids=["more", "less", "shape", "double", "nan", "inf", "overflows-later"],
)
def test_weights(mine, arrays, words):
    content = load((mine / "model.safetensors").read_bytes())
    arrays(content)
    (mine / "model.safetensors").write_bytes(save(content))
    seal(mine)
    assert words in complaint(mine)


def test_a_baseline_of_another_vocabulary(mine):
    content = load((mine / "baseline.safetensors").read_bytes())
    content["vocabulary_size"] += 1
    (mine / "baseline.safetensors").write_bytes(save(content))
    seal(mine)
    assert str(mine / "baseline.safetensors") in complaint(mine)


@pytest.mark.parametrize("name", ["model.safetensors", "baseline.safetensors"])
@pytest.mark.parametrize("claimed", [10**6, 10**12, 2**62, 2**64])
def test_a_header_that_claims_much(mine, name, claimed):
    header = json.dumps(
        {"x": {"dtype": "F32", "shape": [claimed], "data_offsets": [0, 4 * claimed]}}
    ).encode()
    (mine / name).write_bytes(len(header).to_bytes(8, "little") + header + b"\0" * 100)
    seal(mine)
    with little_memory():
        assert str(mine / name) in complaint(mine)


@pytest.mark.parametrize("claimed", [10**8, 2**63 - 1, 2**64 - 1])
def test_a_header_longer_than_its_file(mine, claimed):
    (mine / "model.safetensors").write_bytes(claimed.to_bytes(8, "little") + b"{}")
    seal(mine)
    with little_memory():
        assert "is damaged" in complaint(mine)


def test_a_consistent_model_of_terabytes_takes_no_memory(mine):
    # Config, header and (sparse) file agree with each other: only the machine's memory is in the way.
    edit(mine, "config.json", lambda c: c["parameters"].update(hidden_size=32768, num_layers=64))
    with (mine / "model.safetensors").open("r+b") as file:
        file.truncate(1 << 42)
    with little_memory():
        assert "bytes; at most" in complaint(mine)


@contextmanager
def little_memory():
    tracemalloc.start()
    began = time.monotonic()
    yield
    assert tracemalloc.get_traced_memory()[1] < 20e6
    tracemalloc.stop()
    assert time.monotonic() - began < 10


ODD = st.sampled_from(
    [10**18, 10**400, -1, 0, 1e308, math.nan, math.inf, "\ud800", "../x", "\x00", "é" * 50, [[]] * 3, {}]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4) | ODD,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=4,
)
QUICK = settings(
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def mutated(value, draw):
    """The JSON value with one place in it, drawn at random, replaced, removed or repeated."""
    if isinstance(value, (dict, list)) and value and draw(st.integers(0, 4)):
        value = value.copy()
        key = draw(st.sampled_from(sorted(value) if isinstance(value, dict) else range(len(value))))
        action = draw(st.integers(0, 5))
        if action == 0:
            del value[key]
        elif action == 1 and isinstance(value, list):
            value.insert(key, value[key])
        else:
            value[key] = mutated(value[key], draw)
        return value
    return draw(JSON)


def only_input_errors(directory: Path) -> None:
    try:
        use(directory)
    except InputError as error:
        assert "\n" not in str(error)


@pytest.mark.parametrize("sealed", [False, True], ids=["as-it-is", "sealed"])
@pytest.mark.parametrize("name", JSON_FILES)
@settings(QUICK, max_examples=60)
@given(data=st.data())
def test_any_json_is_a_model_or_an_input_error(saved, name, sealed, data):
    value = mutated(json.loads((saved / name).read_bytes()), data.draw)
    with copied(saved) as directory:
        (directory / name).write_text(json.dumps(value))
        if sealed:
            seal(directory)
        only_input_errors(directory)


@pytest.mark.parametrize("sealed", [False, True], ids=["as-it-is", "sealed"])
@pytest.mark.parametrize("name", FILES)
@settings(QUICK, max_examples=40)
@given(data=st.data())
def test_any_bytes_are_a_model_or_an_input_error(saved, name, sealed, data):
    content = bytearray((saved / name).read_bytes())
    in_header = st.integers(0, min(len(content), 600) - 1)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(in_header | st.integers(0, len(content) - 1))
        new = data.draw(st.binary(max_size=3))
        content[at : at + data.draw(st.integers(0, 3))] = new
    with copied(saved) as directory:
        (directory / name).write_bytes(content)
        if sealed:
            seal(directory)
        only_input_errors(directory)
