"""A trained model as an ONNX file, for programs that have neither Python nor torch.

The names are loaded when they are first used, and onnx when something is exported.
"""

from typing import TYPE_CHECKING

from ostinato._lazy import lazily

if TYPE_CHECKING:
    from ostinato.export._onnx import export_onnx, onnx_model

__all__ = ["export_onnx", "onnx_model"]

__getattr__ = lazily(__name__, dict.fromkeys(__all__, "ostinato.export._onnx"))
