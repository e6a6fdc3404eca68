"""ostinato export: a file that onnxruntime runs, or one line."""

import json
import sys

import numpy as np
import onnxruntime
import pytest

from ostinato import Classifier
from ostinato.cli._main import run


def test_the_file_runs_without_ostinato(ostinato, names, tmp_path):
    file = tmp_path / "names.onnx"
    code, out, err = ostinato("export", names, "--onnx", file)
    assert (code, err) == (0, "")
    assert out.startswith(f"Wrote {file}, ")
    assert out.endswith(": a model for classify that reads sequences.\n")
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    metadata = session.get_modelmeta().custom_metadata_map
    tokens = json.loads(metadata["vocabulary"])["tokens"]
    ids = np.array([[tokens.index(character)] for character in "부산"])
    (probabilities,) = session.run(["probabilities"], {"ids": ids, "lengths": np.array([2])})
    expected = Classifier.load(names).predict_proba(["부산"])
    np.testing.assert_allclose(probabilities, expected, rtol=1e-5, atol=1e-5)
    assert json.loads(metadata["labels"]) == ["도시", "음식"]


def test_a_file_for_a_step_at_a_time(ostinato, model, tmp_path):
    file = tmp_path / "lm.onnx"
    result = ostinato("export", model, "--onnx", file, "--step", "--json").json
    assert result == {"file": str(file), "task": "lm", "step": True, "bytes": file.stat().st_size}
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    assert {each.name: each.shape for each in session.get_inputs()} == {
        "ids": ["batch"],
        "h_0": [1, "batch", 8],
    }


def test_the_same_model_gives_the_same_bytes(ostinato, model, tmp_path):
    for name in "ab":
        assert ostinato("export", model, "--onnx", tmp_path / name).code == 0
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


ALL = [
    "model",
    "names",
    "series",
    "lengths",
    "words",
    "scenes",
    "writer",
    "waves",
    "translator",
    "forecaster",
]


@pytest.mark.parametrize("name", ALL)
def test_every_task_is_exported(ostinato, request, tmp_path, name):
    directory, file = request.getfixturevalue(name), tmp_path / "model.onnx"
    assert ostinato("export", directory, "--onnx", file).code == 0
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    described = session.get_modelmeta().custom_metadata_map
    assert set(json.loads(described["inputs"])) == {each.name for each in session.get_inputs()}
    assert set(json.loads(described["outputs"])) == {each.name for each in session.get_outputs()}


def test_a_file_is_replaced_only_when_asked(ostinato, refused, model, tmp_path):
    file = tmp_path / "lm.onnx"
    file.write_bytes(b"mine")
    assert "lm.onnx is there already" in refused("export", model, "--onnx", file)
    assert file.read_bytes() == b"mine"
    assert ostinato("export", model, "--onnx", file, "--overwrite").code == 0
    assert len(file.read_bytes()) > 1000


def test_a_step_of_what_reads_backwards_is_refused(refused, names, tmp_path):
    assert "train one with --causal" in refused("export", names, "--onnx", tmp_path / "x", "--step")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("place", ["missing/lm.onnx", "."])
def test_a_place_that_cannot_be_written(refused, model, tmp_path, place):
    assert str(tmp_path) in refused("export", model, "--onnx", tmp_path / place)


def test_what_is_no_model(refused, tmp_path):
    assert str(tmp_path) in refused("export", tmp_path, "--onnx", tmp_path / "x")
    assert not list(tmp_path.iterdir())


def test_without_onnx(refused, model, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    assert "an export needs onnx: pip install" in refused("export", model, "--onnx", tmp_path / "x")
    assert not list(tmp_path.iterdir())


def test_a_write_that_fails_leaves_nothing(model, tmp_path, monkeypatch, capsys):
    def fail(*_arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    assert run(["export", str(model), "--onnx", str(tmp_path / "x")]) == 2
    assert "No space left on device" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
