"""`ostinato train classify`: which class a sequence is of."""

import shlex
from pathlib import Path
from typing import Annotated, Any

import typer

from ostinato.cli._run import fit, print_cost, print_figures
from ostinato.cli._sources import read_source, read_validation
from ostinato.cli._train_options import (
    Batch,
    Bidirectional,
    Cell,
    Clip,
    Corrupt,
    Device,
    Dropout,
    Embedding,
    Encoding,
    Epochs,
    Frames,
    FrameSize,
    Hidden,
    Identity,
    Inputs,
    Json,
    Kind,
    Layers,
    Mels,
    Output,
    Overwrite,
    Patience,
    Pooling,
    Rate,
    Resume,
    SampleRate,
    Seed,
    Target,
    Threads,
    TimeLimit,
    Tokens,
    Valid,
    Vocabulary,
    WeightDecay,
    Workers,
    number_option,
    seconds,
)


def train_classify(
    context: typer.Context,
    data: Annotated[
        Path,
        typer.Argument(
            metavar="DATA", help="A table (.csv, .tsv, .jsonl, .parquet), a .ts file, or a folder per class."
        ),
    ],
    output: Output,
    input_: Inputs = None,
    target: Target = None,
    id_: Identity = None,
    kind: Kind = "auto",
    cell: Cell = "gru",
    hidden: Hidden = 128,
    layers: Layers = 1,
    bidirectional: Bidirectional = True,
    pooling: Pooling = "mean+max",
    dropout: Dropout = 0.3,
    tokens: Tokens = "characters",
    vocabulary: Vocabulary = None,
    encoding: Encoding = "embedding",
    embedding: Embedding = 64,
    sample_rate: SampleRate = None,
    num_mels: Mels = 40,
    frame_size: FrameSize = 32,
    frames: Frames = "convolution",
    on_corrupt: Corrupt = "error",
    workers: Workers = None,
    balanced: Annotated[
        bool, typer.Option("--balanced", help="Each class counts the same, however many examples it has.")
    ] = False,
    label_smoothing: Annotated[
        float, number_option("Share of the target spread over all classes in training.")
    ] = 0.0,
    epochs: Epochs = 30,
    batch: Batch = 32,
    lr: Rate = 0.003,
    weight_decay: WeightDecay = 0.01,
    clip: Clip = 1.0,
    patience: Patience = 10,
    seed: Seed = 0,
    threads: Threads = None,
    device: Device = "cpu",
    valid: Valid = "0.1",
    time_limit: TimeLimit = None,
    resume: Resume = False,
    overwrite: Overwrite = False,
    json_: Json = False,
) -> None:
    """Train a model that tells which class a sequence is of.

    A sequence is a text, a numeric sequence, a recording or a video. A tenth of the sequences is held out, of
    each class alike; the figures are on it, beside those of a linear model that does not see the order.
    """
    limit = seconds(time_limit)
    from ostinato import Classifier  # torch takes its time; --help does not need it

    model = Classifier(
        cell=cell,
        hidden_size=hidden,
        num_layers=layers,
        bidirectional=bidirectional,
        pooling=pooling,
        dropout=dropout,
        tokens=tokens,
        vocabulary_size=vocabulary,
        input=encoding,
        embedding_size=embedding,
        sample_rate=sample_rate,
        num_mels=num_mels,
        frame_size=frame_size,
        frames=frames,
        on_corrupt=on_corrupt,
        workers=workers,
        class_weight="balanced" if balanced else None,
        label_smoothing=label_smoothing,
        epochs=epochs,
        batch_size=batch,
        learning_rate=lr,
        weight_decay=weight_decay,
        clip_norm=clip,
        patience=patience,
        seed=seed,
        threads=threads,
        device=device,
    )
    examples = read_source(data, "classify", input_, target, id_, kind)
    fit(
        context,
        model,
        examples,
        output,
        _print_summary,
        json=json_,
        following=f"ostinato predict {shlex.quote(str(output))} INPUT",
        validation=read_validation(valid, examples, "classify"),
        resume=resume,
        overwrite=overwrite,
        time_limit=limit,
    )


def _print_summary(metrics: dict[str, Any]) -> None:
    print_figures(metrics)
    print(f"The baseline is {metrics['baseline']['name']}.")
    print_cost(metrics)
    held_out = metrics["valid"]
    if held_out and held_out["accuracy"] <= metrics["baseline"]["accuracy"]:
        print(
            "The baseline tells them apart as well: there may be nothing in the order, or too few examples."
        )
