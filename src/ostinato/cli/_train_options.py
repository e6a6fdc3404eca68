"""The options that commands of `ostinato train` share."""

import re
from pathlib import Path
from typing import Annotated, Any

import typer

from ostinato._errors import InputError
from ostinato.cli._numbers import number, whole


def whole_option(help_: str, name: str, *, default: str | bool = True) -> Any:
    """An option that takes a whole number."""
    return typer.Option(name, parser=whole, metavar="N", help=help_, show_default=default)


def number_option(help_: str, name: str, *, default: str | bool = True) -> Any:
    """An option that takes a number."""
    return typer.Option(name, parser=number, metavar="F", help=help_, show_default=default)


def word_option(help_: str, name: str, metavar: str = "KIND") -> Any:
    """An option that takes a word."""
    return typer.Option(name, metavar=metavar, help=help_)


Output = Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="Where the model goes.")]
TimeLimit = Annotated[
    str | None, typer.Option(metavar="TIME", help="End after this long, such as 90s, 10m or 1h30m.")
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with the interrupted run in DIR.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace the model in DIR.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]

# Of commands that learn from examples.
Sequences = Annotated[
    Path,
    typer.Argument(
        metavar="DATA", help="A table (.csv, .tsv, .jsonl, .parquet), a .ts file, or a folder per class."
    ),
]
TableFile = Annotated[Path, typer.Argument(metavar="DATA", help="A table: .csv, .tsv, .jsonl or .parquet.")]
Inputs = Annotated[
    list[str] | None,
    typer.Option("--input", metavar="COL", help="The input's column; again for several numeric ones."),
]
Balanced = Annotated[
    bool, typer.Option("--balanced", help="Each class counts the same, however many examples it has.")
]
Target = Annotated[str | None, typer.Option("--target", metavar="COL", help="The target's column.")]
Identity = Annotated[
    str | None,
    typer.Option("--id", metavar="COL", help="Rows with the same value are the steps of one sequence."),
]
Kind = Annotated[
    str, typer.Option("--kind", metavar="KIND", help="auto, text, tokens, vectors, audio or video.")
]
Valid = Annotated[
    str,
    typer.Option("--valid", metavar="FILE|FRACTION", help="Held-out data, or the share held out; 0: none."),
]


def _encoding(value: str) -> str:
    if value not in ("embedding", "one-hot"):
        raise typer.BadParameter(f"{value!r} is neither embedding nor one-hot")
    return value


# The options of estimators' parameters, by parameter.
PARAMETERS: dict[str, Any] = {
    "cell": Annotated[str, word_option("rnn, lstm or gru.", "--cell", "CELL")],
    "hidden_size": Annotated[int, whole_option("Numbers in a layer's state.", "--hidden")],
    "num_layers": Annotated[int, whole_option("Recurrent layers.", "--layers")],
    "bidirectional": Annotated[
        bool, typer.Option("--bidirectional/--causal", help="Whether layers read backwards as well.")
    ],
    "attention": Annotated[
        bool,
        typer.Option("--attention/--no-attention", help="Whether what is written attends to what was read."),
    ],
    "memory": Annotated[
        bool | None,
        typer.Option(
            "--memory/--no-memory",
            help="Whether the most similar source's target is read with each source.",
            show_default="unless letters are read",
        ),
    ],
    "copying": Annotated[
        bool,
        typer.Option("--copying/--no-copying", help="Whether numbers and placeholders of texts are copied."),
    ],
    "pooling": Annotated[
        str, word_option("last, mean, max, last+mean+max or attention, over the steps.", "--pooling", "HOW")
    ],
    "crf": Annotated[
        bool, typer.Option("--crf", help="Score neighbouring labels together, by a random field.")
    ],
    "background": Annotated[
        str,
        typer.Option(metavar="LABEL", help="Of what is in no segment of a recording.", show_default="none"),
    ],
    "window": Annotated[int, whole_option("Steps that longer sequences are cut into.", "--window")],
    "condition_size": Annotated[int, whole_option("Numbers that stand for what is given.", "--condition")],
    "dropout": Annotated[float, number_option("Share of outputs dropped in training.", "--dropout")],
    "tokens": Annotated[str, word_option("characters, words or subwords, for texts.", "--tokens")],
    "source_tokens": Annotated[
        str,
        word_option("auto, characters, words or subwords, for sources that are texts.", "--source-tokens"),
    ],
    "target_tokens": Annotated[
        str,
        word_option("auto, characters, words or subwords, for targets that are texts.", "--target-tokens"),
    ],
    "shared_vocabulary": Annotated[
        bool,
        typer.Option(
            "--shared-vocabulary/--two-vocabularies", help="Whether sources and targets have one vocabulary."
        ),
    ],
    "lowercase": Annotated[
        bool, typer.Option("--lowercase/--cased", help="Whether capitals are read as small letters.")
    ],
    "vocabulary_size": Annotated[
        int | None,
        whole_option("Tokens at most.", "--vocabulary", default="all characters, 20000 words, 4096 subwords"),
    ],
    # Not --input, which names columns.
    "input": Annotated[
        str, typer.Option("--encoding", parser=_encoding, metavar="KIND", help="embedding or one-hot.")
    ],
    "embedding_size": Annotated[int, whole_option("Numbers per token.", "--embedding")],
    "embedding_dropout": Annotated[
        float, number_option("Share of those dropped in training.", "--embedding-dropout")
    ],
    "sample_rate": Annotated[
        int | None,
        whole_option(
            "Hz that audio is resampled to.", "--sample-rate", default="the recordings' own, 16000 at most"
        ),
    ],
    "num_mels": Annotated[int, whole_option("Bands of an audio frame.", "--num-mels")],
    "frame_size": Annotated[int, whole_option("Height and width of a video frame, pixels.", "--frame-size")],
    "frames": Annotated[str, word_option("Video frames: convolution or pixels.", "--frames")],
    "on_corrupt": Annotated[
        str, word_option("error or skip, for recordings that cannot be decoded.", "--on-corrupt", "ACTION")
    ],
    "workers": Annotated[
        int | None, whole_option("Threads that decode recordings.", "--workers", default="all cores")
    ],
    "label_smoothing": Annotated[
        float, number_option("Share of the target spread over all classes.", "--label-smoothing")
    ],
    "context": Annotated[
        int | None,
        whole_option("Newest steps that are read.", "--context", default="as horizon and season ask for"),
    ],
    "season": Annotated[
        int | None, whole_option("Steps of a season, 1 for none.", "--season", default="found in the data")
    ],
    "output": Annotated[str, word_option("quantiles or student-t.", "--distribution")],
    "beam_size": Annotated[int, whole_option("Hypotheses that are followed for each sentence.", "--beam")],
    "length_penalty": Annotated[
        float, number_option("How much longer translations are favoured; 0: not.", "--length-penalty")
    ],
    "epochs": Annotated[
        int | None,
        whole_option("Passes over the data.", "--epochs", default="20, or as many as make 1000 steps"),
    ],
    "batch_size": Annotated[int, whole_option("Sequences a step.", "--batch")],
    "learning_rate": Annotated[float, number_option("Learning rate at its peak.", "--lr")],
    "weight_decay": Annotated[float, number_option("AdamW's decay of matrices.", "--weight-decay")],
    "clip_norm": Annotated[float, number_option("Largest norm of a gradient.", "--clip")],
    "patience": Annotated[int, whole_option("Evaluations without improvement before it ends.", "--patience")],
    "seed": Annotated[int, whole_option("Same seed, same model.", "--seed")],
    "threads": Annotated[int | None, whole_option("CPU threads.", "--threads", default="all cores")],
    "device": Annotated[str, word_option("cpu or cuda.", "--device", "NAME")],
}


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
