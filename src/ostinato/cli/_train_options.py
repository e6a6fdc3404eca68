"""The options that commands of `ostinato train` share."""

import re
from pathlib import Path
from typing import Annotated, Any

import typer

from ostinato._errors import InputError
from ostinato.cli._numbers import number, whole


def whole_option(help_: str, *names: str, default: str | bool = True) -> Any:
    """An option that takes a whole number."""
    return typer.Option(*names, parser=whole, metavar="N", help=help_, show_default=default)


def number_option(help_: str, *names: str, default: str | bool = True) -> Any:
    """An option that takes a number."""
    return typer.Option(*names, parser=number, metavar="F", help=help_, show_default=default)


Source = Annotated[
    Path,
    typer.Argument(metavar="DATA", help="A table: .csv, .tsv, .jsonl or .parquet."),
]
Output = Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="Where the model goes.")]
Inputs = Annotated[
    list[str] | None,
    typer.Option("--input", metavar="COL", help="The input's column; again for several numeric ones."),
]
Target = Annotated[str | None, typer.Option("--target", metavar="COL", help="The target's column.")]
Identity = Annotated[
    str | None,
    typer.Option("--id", metavar="COL", help="Rows with the same value are the steps of one sequence."),
]
Kind = Annotated[
    str, typer.Option("--kind", metavar="KIND", help="auto, text, tokens, vectors, audio or video.")
]
Tokens = Annotated[str, typer.Option(metavar="KIND", help="characters, words or subwords, for texts.")]
Vocabulary = Annotated[
    int | None, whole_option("Tokens at most.", default="all characters, 20000 words, 4096 subwords")
]
Encoding = Annotated[str, typer.Option("--encoding", metavar="KIND", help="embedding or one-hot.")]
Embedding = Annotated[int, whole_option("Numbers per token.")]
SampleRate = Annotated[
    int | None, whole_option("Hz that audio is resampled to.", default="the recordings' own, 16000 at most")
]
Mels = Annotated[int, whole_option("Bands of an audio frame.")]
FrameSize = Annotated[int, whole_option("Height and width of a video frame, pixels.")]
Frames = Annotated[
    str, typer.Option(metavar="KIND", help="Video frames through a convolution, or as pixels.")
]
Corrupt = Annotated[
    str, typer.Option(metavar="ACTION", help="error or skip, for recordings that cannot be decoded.")
]
Workers = Annotated[int | None, whole_option("Threads that decode recordings.", default="all cores")]
Pooling = Annotated[
    str, typer.Option(metavar="HOW", help="last, mean, max, mean+max or attention, over the steps.")
]
Cell = Annotated[str, typer.Option(metavar="CELL", help="rnn, lstm or gru.")]
Hidden = Annotated[int, whole_option("Numbers in a layer's state.")]
Layers = Annotated[int, whole_option("Recurrent layers.")]
Bidirectional = Annotated[
    bool, typer.Option("--bidirectional/--causal", help="Whether layers read backwards as well.")
]
Dropout = Annotated[float, number_option("Share of outputs dropped in training.")]
Epochs = Annotated[int, whole_option("Passes over the data, at most.")]
Batch = Annotated[int, whole_option("Sequences a step.")]
Rate = Annotated[float, number_option("Learning rate at its peak.", "--lr")]
WeightDecay = Annotated[float, number_option("AdamW's decay of matrices.")]
Clip = Annotated[float, number_option("Largest norm of a gradient.")]
Patience = Annotated[int, whole_option("Evaluations without improvement before it ends.")]
Seed = Annotated[int, whole_option("Same seed, same model.")]
Threads = Annotated[int | None, whole_option("CPU threads.", default="all cores")]
Device = Annotated[str, typer.Option(metavar="NAME", help="cpu or cuda.")]
Valid = Annotated[
    str,
    typer.Option(metavar="FILE|FRACTION", help="Held-out data, or the share held out; 0: none."),
]
TimeLimit = Annotated[
    str | None, typer.Option(metavar="TIME", help="End after this long, such as 90s, 10m or 1h30m.")
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with the interrupted run in DIR.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace the model in DIR.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def seconds(value: str | None) -> float | None:
    """The seconds of a time limit."""
    if value is None:
        return None
    match = re.fullmatch(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s?)?", value)
    if not value or match is None:
        raise InputError(f"--time-limit is {value!r}: write it like 90s, 10m or 1h30m")
    hours, minutes, rest = (float(part or 0) for part in match.groups())
    return 3600 * hours + 60 * minutes + rest


def share_or_path(value: str) -> float | Path:
    """What --valid says: a share, or a file."""
    try:
        return float(value)
    except ValueError:
        return Path(value)
