"""`ostinato export`: a model for programs that have neither Python nor torch."""

from pathlib import Path
from typing import Annotated

import typer

from ostinato.cli._console import print_json, say


def export(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A trained model.")],
    onnx: Annotated[
        Path, typer.Option(metavar="FILE", help="The ONNX file to be written.", show_default=False)
    ],
    step: Annotated[
        bool, typer.Option("--step", help="A graph that reads one time step at a call, not whole sequences.")
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace FILE if it is there.")] = False,
    json_: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Write a model as an ONNX file, which onnxruntime and others run.

    Time and batch may have any size, and time comes first. What the layers remember is an input and an output
    where the model is causal: zeros at the beginning. The file's metadata say what each input and output is,
    and hold the vocabulary and the labels.
    """
    from ostinato.export._onnx import check_installed, check_target

    check_installed()  # at once, not after loading a large model
    check_target(onnx, overwrite=overwrite)
    from ostinato.export import export_onnx
    from ostinato.tasks._load import load_model

    model = load_model(directory)
    export_onnx(model, onnx, step=step, overwrite=overwrite)
    size = onnx.stat().st_size
    if json_:
        print_json({"file": str(onnx), "task": model.task, "step": step, "bytes": size})
    else:
        reads = "a step at a time" if step else "sequences"
        say(f"Wrote {onnx}, {size / 1e3:,.0f} kB: a model for {model.task} that reads {reads}.")
