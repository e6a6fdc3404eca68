"""A model directory is a stranger's: whatever is wrong with it is told in one line."""

import json
import struct

import numpy as np
import pytest
from safetensors.numpy import load as tensors_of
from safetensors.numpy import save as tensors

from ostinato import InputError, runtime
from ostinato.data import publish

from .saved import language_model, series_classifier


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved")
    series_classifier().save(folder / "classify")
    language_model().save(folder / "lm")
    return folder


@pytest.fixture
def rewrite(saved, tmp_path):
    """Save a model anew with changes, its checksums right."""

    def write(change=None, files=None, task="classify"):
        source = saved / task
        config = json.loads((source / "config.json").read_bytes())
        contents = {name: (source / name).read_bytes() for name in config.pop("files")}
        publish(tmp_path / "model", {**config, **(change or {})}, {**contents, **(files or {})})
        return tmp_path / "model"

    return write


def refused(directory, message):
    with pytest.raises(InputError, match=message) as error:
        runtime.load(directory)
    assert "\n" not in str(error.value)


def test_a_model_knows_its_task_and_no_two_have_one_fingerprint(saved, rewrite):
    one, again = (runtime.load(saved / "classify") for _ in range(2))
    assert (one.task, one.fingerprint) == ("classify", again.fingerprint)
    assert len({one.fingerprint, runtime.load(saved / "lm").fingerprint}) == 2
    arrays = tensors_of((saved / "classify" / "model.safetensors").read_bytes())
    other = {**arrays, "decoder.bias": arrays["decoder.bias"] + 1}
    changed = runtime.load(rewrite(files={"model.safetensors": tensors(other)}))
    assert changed.fingerprint != one.fingerprint


def test_weights_of_a_type_that_there_is_not(saved):
    with pytest.raises(InputError, match="weights is 'float8': choose one of float32"):
        runtime.load(saved / "lm", weights="float8")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format_version": 2}, "has format 2 and this Ostinato reads up to 1: upgrade"),
        ({"task": "dance"}, "is of a model for 'dance'; this Ostinato runs lm, "),
        ({"task": None}, "is of a model for None"),
        ({"task": "lm"}, "tokenizer.json is missing|no checksum of tokenizer.json|incomplete"),
        ({"parameters": None}, "`parameters` are not those"),
        ({"parameters": {"hidden_size": "5"}}, "hidden_size is '5': it must be a whole number"),
        ({"parameters": {"hidden_size": 1 << 40}}, "hidden_size is 1099511627776: it must be from 1"),
        ({"parameters": {"num_layers": 65}}, "num_layers is 65"),
        ({"parameters": {"cell": "tcn"}}, "cell is 'tcn': it must be one of rnn, lstm, gru"),
        ({"parameters": {"pooling": "min"}}, "pooling is 'min'"),
        ({"parameters": {}}, "tensor .* has shape|lacks the tensor"),
    ],
    ids=lambda value: json.dumps(value) if isinstance(value, dict) else None,
)
def test_configurations_that_say_something_else(rewrite, change, message):
    refused(rewrite(change), message)


def test_weights_that_disagree_with_the_configuration(saved, rewrite):
    arrays = tensors_of((saved / "classify" / "model.safetensors").read_bytes())
    wrong = {**arrays, "decoder.weight": arrays["decoder.weight"].T.copy()}
    refused(rewrite(files={"model.safetensors": tensors(wrong)}), "tensor decoder.weight has shape")


def test_weights_that_are_not_finite(saved, rewrite):
    arrays = tensors_of((saved / "classify" / "model.safetensors").read_bytes())
    arrays["decoder.bias"][0] = np.nan
    refused(
        rewrite(files={"model.safetensors": tensors(arrays)}), "decoder.bias has numbers that are not finite"
    )


def test_a_header_of_a_million_million_numbers(rewrite):
    header = json.dumps(
        {"decoder.bias": {"dtype": "F32", "shape": [10**12], "data_offsets": [0, 4 * 10**12]}}
    )
    content = struct.pack("<Q", len(header)) + header.encode()
    refused(rewrite(files={"model.safetensors": content}), "model.safetensors is damaged")


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "inputs.json", "targets.json"])
def test_a_directory_that_was_cut_short(rewrite, name):
    directory = rewrite()
    content = (directory / name).read_bytes()
    (directory / name).write_bytes(content[: len(content) // 2])
    refused(directory, name)
    (directory / name).unlink()
    refused(directory, name)


def test_files_that_are_of_no_use_without_training_may_be_missing(rewrite):
    directory = rewrite()
    for name in ("baseline.safetensors", "history.jsonl", "metrics.json"):
        (directory / name).unlink()
    assert runtime.load(directory).task == "classify"


def test_no_directory(tmp_path):
    refused(tmp_path / "none", "does not exist")
    refused(tmp_path, "is not a model directory")
