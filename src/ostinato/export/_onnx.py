"""A trained model as an ONNX file."""

import os
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ostinato._errors import InputError, ParameterError
from ostinato._files import write_bytes

if TYPE_CHECKING:
    import onnx

# task → the module and the function that grow its graph; loaded when first needed.
_GRAPHS = {
    "lm": ("_language", "language_model"),
    "classify": ("_sequence", "classifier"),
    "regress": ("_sequence", "regressor"),
    "tag": ("_tagging", "tagger"),
    "translate": ("_translator", "translator"),
    "generate": ("_conditional", "generator"),
    "forecast": ("_forecast", "forecaster"),
}


def export_onnx(
    model: Any, path: str | os.PathLike[str], *, step: bool = False, overwrite: bool = False
) -> None:
    """Write a fitted model as an ONNX file, whole or not at all.

    Args:
        model: a fitted estimator of `ostinato`, whatever its task.
        path: the file.
        step: whether the graph reads one time step at a call, instead of whole sequences.
        overwrite: whether to replace a file.

    Raises:
        InputError: the file is there and may not be replaced, or cannot be written; onnx is not installed; or
            as `onnx_model`.
    """
    path = Path(path)
    check_target(path, overwrite=overwrite)
    write_bytes(path, onnx_model(model, step=step).SerializeToString(deterministic=True))


def onnx_model(model: Any, *, step: bool = False) -> "onnx.ModelProto":
    """A fitted model as ONNX, opset 17, checked by onnx's own checker.

    Time and batch may have any size, and time comes first: (T, B, …). What the layers remember is an input
    and an output where reading may go on in a later call, and zeros at the beginning. Numbers are in the
    data's own units. `metadata_props` say what each input and output is, and hold the vocabulary and the
    labels.

    Args:
        model: a fitted estimator of `ostinato`, whatever its task.
        step: whether the graph reads one time step at a call, (B, …), instead of whole sequences.

    Raises:
        InputError: the model is no fitted estimator; a single step is wanted of one that needs whole
            sequences; it is larger than an ONNX file may be; or onnx is not installed.
    """
    check_installed()
    task = getattr(model, "task", None)
    if task not in _GRAPHS:
        raise InputError(
            f"{model!r} is no model that can be exported: give a fitted one of {', '.join(_GRAPHS)}"
        )
    if not hasattr(model, "network_"):
        raise InputError(f"this {type(model).__name__} is not fitted: call fit first, or load a saved one")
    from ostinato.export._graph import Graph

    graph = Graph(task, step=step)
    module, name = _GRAPHS[task]
    grow: Callable[[Graph, Any], dict[str, Any]] = getattr(import_module(f"ostinato.export.{module}"), name)
    described = grow(graph, model)
    return graph.model(
        {"task": task, "cell": model.cell, "reads": "a step" if step else "sequences", **described}
    )


def check_target(path: Path, *, overwrite: bool) -> None:
    """Raise `InputError` where an ONNX file may not be written."""
    if path.is_dir():
        raise ParameterError("onnx", f"is {str(path)!r}, a folder: name a file in it")
    if path.exists() and not overwrite:
        raise InputError(
            f"{path} is there already: name another file, or replace it with --overwrite (overwrite=True)"
        )
    if not path.parent.is_dir():
        raise InputError(f"{path.parent} is no folder: make it first")


def check_installed() -> None:
    """Raise `InputError` where onnx is not."""
    try:
        import onnx  # noqa: F401
    except ModuleNotFoundError as error:
        if error.name != "onnx":
            raise
        raise InputError("an export needs onnx: pip install '.[export]' in Ostinato's folder") from None
