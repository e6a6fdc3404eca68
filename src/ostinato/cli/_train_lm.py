"""`ostinato train lm`: a language model of a text."""

import shlex
from pathlib import Path
from typing import Annotated, Any

import typer

from ostinato.cli._figures import unknown_note
from ostinato.cli._run import fit, print_cost, print_figures
from ostinato.cli._train_options import (
    Cell,
    Clip,
    Device,
    Dropout,
    Embedding,
    Hidden,
    Json,
    Layers,
    Output,
    Overwrite,
    Patience,
    Resume,
    Seed,
    Threads,
    TimeLimit,
    Tokens,
    Vocabulary,
    WeightDecay,
    number_option,
    seconds,
    share_or_path,
    whole_option,
)


def train_lm(
    context: typer.Context,
    text: Annotated[list[Path], typer.Argument(metavar="TEXT", help="A UTF-8 text file or several.")],
    output: Output,
    tokens: Tokens = "characters",
    vocabulary: Vocabulary = None,
    input_: Annotated[
        str, typer.Option("--input", metavar="KIND", help="embedding or one-hot.")
    ] = "embedding",
    embedding: Embedding = 64,
    cell: Cell = "gru",
    hidden: Hidden = 384,
    layers: Layers = 1,
    dropout: Dropout = 0.25,
    epochs: Annotated[int, whole_option("Passes over the text, at most.")] = 9,
    batch: Annotated[int, whole_option("Places of the text read side by side.")] = 16,
    window: Annotated[int, whole_option("Tokens the gradient reaches back over.")] = 64,
    lr: Annotated[
        float | None,
        number_option("Learning rate at its peak.", "--lr", default="0.007 for lstm, else 0.004"),
    ] = None,
    weight_decay: WeightDecay = 0.01,
    clip: Clip = 1.0,
    patience: Patience = 5,
    seed: Seed = 0,
    threads: Threads = None,
    device: Device = "cpu",
    valid: Annotated[
        str, typer.Option(metavar="FILE|FRACTION", help="Held-out text, or the share of the text's end.")
    ] = "0.1",
    time_limit: TimeLimit = None,
    resume: Resume = False,
    overwrite: Overwrite = False,
    json_: Json = False,
) -> None:
    """Train a language model on text.

    It learns which token comes next after each. The last tenth of the text is held out; the figures are on
    it, beside those of a 5-gram counted on the rest.
    """
    limit = seconds(time_limit)
    from ostinato import LanguageModel  # torch takes its time; --help does not need it

    model = LanguageModel(
        tokens=tokens,
        vocabulary_size=vocabulary,
        input=input_,
        embedding_size=embedding,
        cell=cell,
        hidden_size=hidden,
        num_layers=layers,
        dropout=dropout,
        epochs=epochs,
        batch_size=batch,
        window=window,
        learning_rate=lr,
        weight_decay=weight_decay,
        clip_norm=clip,
        patience=patience,
        seed=seed,
        threads=threads,
        device=device,
    )
    fit(
        context,
        model,
        text,
        output,
        _print_summary,
        json=json_,
        following=f"ostinato generate {shlex.quote(str(output))}",
        validation=share_or_path(valid),
        resume=resume,
        overwrite=overwrite,
        time_limit=limit,
    )


def _print_summary(metrics: dict[str, Any]) -> None:
    print_figures(metrics)
    if note := unknown_note(metrics["valid_unknown"]):
        print(note)
    print(f"The baseline is an {metrics['baseline']['name']}.")
    print_cost(metrics)
    if metrics["valid"]["bits_per_character"] >= metrics["baseline"]["bits_per_character"]:
        print("The baseline foresees this text better: more text or more epochs may help.")
