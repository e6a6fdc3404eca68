"""`ostinato train lm`: a language model from text files."""

import re
import shlex
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from ostinato._errors import InputError
from ostinato.cli._console import errors, print_json, results
from ostinato.cli._figures import figures_table


def train_lm(
    text: Annotated[list[Path], typer.Argument(metavar="TEXT...", help="One or more UTF-8 text files.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="Where the model goes.")],
    tokens: Annotated[str, typer.Option(help="characters, words or subwords.")] = "characters",
    vocabulary: Annotated[
        int | None,
        typer.Option(help="Tokens at most.", show_default="all characters, 20000 words, 4096 subwords"),
    ] = None,
    input_: Annotated[str, typer.Option("--input", help="embedding or one-hot.")] = "embedding",
    embedding: Annotated[int, typer.Option(help="Numbers per token.")] = 64,
    cell: Annotated[str, typer.Option(help="rnn, lstm or gru.")] = "gru",
    hidden: Annotated[int, typer.Option(help="Numbers in a layer's state.")] = 320,
    layers: Annotated[int, typer.Option(help="Recurrent layers.")] = 1,
    dropout: Annotated[float, typer.Option(help="Share of outputs dropped while training.")] = 0.25,
    epochs: Annotated[int, typer.Option(help="Passes over the text, at most.")] = 14,
    batch: Annotated[int, typer.Option(help="Places of the text read side by side.")] = 16,
    window: Annotated[int, typer.Option(help="Tokens the gradient reaches back over.")] = 64,
    lr: Annotated[float, typer.Option("--lr", help="Learning rate at its peak.")] = 0.004,
    weight_decay: Annotated[float, typer.Option(help="AdamW's decay of matrices.")] = 0.01,
    clip: Annotated[float, typer.Option(help="Largest norm of a gradient.")] = 1.0,
    patience: Annotated[int, typer.Option(help="Evaluations without improvement before it ends.")] = 5,
    seed: Annotated[int, typer.Option(help="Same seed, same model.")] = 0,
    threads: Annotated[int | None, typer.Option(help="CPU threads.", show_default="all cores")] = None,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    valid: Annotated[
        str, typer.Option(metavar="FILE|FRACTION", help="Held-out text, or the share of the text's end.")
    ] = "0.1",
    time_limit: Annotated[
        str | None, typer.Option(metavar="TIME", help="End after this long, such as 90s, 10m or 1h30m.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the interrupted run in DIR.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the model in DIR.")] = False,
    json_: Annotated[bool, typer.Option("--json", help="Print the figures as one JSON object.")] = False,
) -> None:
    """Train a language model on text: after each token, which one comes next.

    The last tenth of the text is held out; the figures are on it, beside those of a 5-gram counted on the
    rest.
    """
    limit = None if time_limit is None else _seconds(time_limit)
    from ostinato import LanguageModel  # torch takes its time; --help does not need it
    from ostinato.training import Interrupted, ProgressBar

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
    try:
        model.fit(
            text,
            validation=_validation(valid),
            directory=output,
            resume=resume,
            overwrite=overwrite,
            time_limit=limit,
            reporter=ProgressBar(errors),
        )
    except Interrupted as interrupt:
        raise Interrupted(f"the run is saved; go on with: {_resume_command()}") from interrupt
    if json_:
        print_json({"directory": str(output), **model.metrics_})
    else:
        _print_summary(output, model.metrics_)


def _print_summary(output: Path, metrics: dict[str, Any]) -> None:
    rows = {
        f"{metrics['baseline']['name']}, held out": metrics["baseline"],
        "model, held out": metrics["valid"],
        "model, training text": metrics["train"],
    }
    results.print(figures_table(rows))
    minutes, seconds = divmod(round(metrics["seconds"]), 60)
    results.print(
        f"{metrics['steps']:,} steps ({metrics['ended']}) in {minutes} min {seconds} s, "
        f"{metrics['tokens_per_second']:,.0f} tokens/s; the weights are those of step {metrics['best_step']:,}."
    )
    gain = metrics["baseline"]["bits_per_character"] - metrics["valid"]["bits_per_character"]
    if gain <= 0:
        results.print("The n-gram foresees this text better: more text or more epochs may help.")
    if metrics["ended"] == "time limit":
        results.print(f"Train on with: {_resume_command()}", soft_wrap=True)
    results.print(f"Saved in {output}. Next: ostinato generate {shlex.quote(str(output))}", soft_wrap=True)


def _resume_command() -> str:
    arguments = [argument for argument in sys.argv[1:] if argument != "--overwrite"]
    return shlex.join(["ostinato", *arguments, *(["--resume"] if "--resume" not in arguments else [])])


def _validation(value: str) -> float | Path:
    try:
        return float(value)
    except ValueError:
        return Path(value)


def _seconds(value: str) -> float:
    match = re.fullmatch(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s?)?", value)
    if not value or match is None:
        raise InputError(f"--time-limit is {value!r}: write it like 90s, 10m or 1h30m")
    hours, minutes, seconds = (float(part or 0) for part in match.groups())
    return 3600 * hours + 60 * minutes + seconds
