"""What cannot be exported is refused in one line."""

import pytest

from ostinato import Classifier, InputError
from ostinato.export import export_onnx, onnx_model

from .test_sequence import classifier


@pytest.mark.parametrize(
    ("model", "complaint"), [(Classifier(), "is not fitted"), ("runs/lm", "is no model")]
)
def test_what_is_no_fitted_model(model, complaint):
    with pytest.raises(InputError, match=complaint):
        onnx_model(model)


def test_a_model_larger_than_a_file_may_be(monkeypatch, tmp_path):
    monkeypatch.setattr("ostinato.export._graph._LARGEST", 1000)
    with pytest.raises(InputError, match="GiB of weights"):
        export_onnx(classifier(), tmp_path / "x")
    assert not list(tmp_path.iterdir())
