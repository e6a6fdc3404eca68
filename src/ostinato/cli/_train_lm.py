"""`ostinato train lm`: a language model from text files."""

import re
import shlex
from pathlib import Path
from typing import Annotated, Any

import typer

from ostinato._errors import InputError
from ostinato.cli._console import errors, print_json
from ostinato.cli._figures import figures_table, unknown_note
from ostinato.cli._numbers import number, whole


def _whole(help_: str, *names: str, default: str | bool = True) -> Any:
    return typer.Option(*names, parser=whole, metavar="N", help=help_, show_default=default)


def _number(help_: str, *names: str, default: str | bool = True) -> Any:
    return typer.Option(*names, parser=number, metavar="F", help=help_, show_default=default)


def train_lm(
    context: typer.Context,
    text: Annotated[list[Path], typer.Argument(metavar="TEXT", help="A UTF-8 text file or several.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="Where the model goes.")],
    tokens: Annotated[
        str, typer.Option(metavar="KIND", help="characters, words or subwords.")
    ] = "characters",
    vocabulary: Annotated[
        int | None, _whole("Tokens at most.", default="all characters, 20000 words, 4096 subwords")
    ] = None,
    input_: Annotated[
        str, typer.Option("--input", metavar="KIND", help="embedding or one-hot.")
    ] = "embedding",
    embedding: Annotated[int, _whole("Numbers per token.")] = 64,
    cell: Annotated[str, typer.Option(metavar="CELL", help="rnn, lstm or gru.")] = "gru",
    hidden: Annotated[int, _whole("Numbers in a layer's state.")] = 384,
    layers: Annotated[int, _whole("Recurrent layers.")] = 1,
    dropout: Annotated[float, _number("Share of outputs dropped in training.")] = 0.25,
    epochs: Annotated[int, _whole("Passes over the text, at most.")] = 9,
    batch: Annotated[int, _whole("Places of the text read side by side.")] = 16,
    window: Annotated[int, _whole("Tokens the gradient reaches back over.")] = 64,
    lr: Annotated[
        float | None, _number("Learning rate at its peak.", "--lr", default="0.007 for lstm, else 0.004")
    ] = None,
    weight_decay: Annotated[float, _number("AdamW's decay of matrices.")] = 0.01,
    clip: Annotated[float, _number("Largest norm of a gradient.")] = 1.0,
    patience: Annotated[int, _whole("Evaluations without improvement before it ends.")] = 5,
    seed: Annotated[int, _whole("Same seed, same model.")] = 0,
    threads: Annotated[int | None, _whole("CPU threads.", default="all cores")] = None,
    device: Annotated[str, typer.Option(metavar="NAME", help="cpu or cuda.")] = "cpu",
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
    """Train a language model on text.

    It learns which token comes next after each. The last tenth of the text is held out; the figures are on
    it, beside those of a 5-gram counted on the rest.
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
        raise KeyboardInterrupt(f"the run is saved; go on with: {_resume_command(context)}") from interrupt
    except KeyboardInterrupt as interrupt:  # before there was a run; what was in DIR before is there again
        raise KeyboardInterrupt(f"start again with: {_command(_arguments(context))}") from interrupt
    if json_:
        print_json({"directory": str(output), **model.metrics_})
        return
    _print_summary(model.metrics_)
    if model.metrics_["ended"] == "time limit":
        print(f"Train on with: {_resume_command(context)}")
    print(f"Saved in {output}. Next: ostinato generate {shlex.quote(str(output))}")


def _print_summary(metrics: dict[str, Any]) -> None:
    rows = {
        "baseline, held out": metrics["baseline"],
        "model, held out": metrics["valid"],
        "model, training": metrics["train"],
    }
    print(figures_table(rows), end="\n\n")
    if note := unknown_note(metrics["valid_unknown"]):
        print(note)
    print(f"The baseline is an {metrics['baseline']['name']}.")
    minutes, seconds = divmod(round(metrics["seconds"]), 60)
    print(
        f"{metrics['steps']:,} steps in {minutes} min {seconds} s ({metrics['ended']}), "
        f"{metrics['tokens_per_second']:,.0f} tokens/s; kept: step {metrics['best_step']:,}."
    )
    if metrics["valid"]["bits_per_character"] >= metrics["baseline"]["bits_per_character"]:
        print("The baseline foresees this text better: more text or more epochs may help.")


def _resume_command(context: typer.Context) -> str:
    command, arguments = _arguments(context)[:2], _arguments(context)[2:]  # after `train lm`
    end = arguments.index("--") if "--" in arguments else len(arguments)  # after it there are no options
    options = [argument for argument in arguments[:end] if argument not in ("--overwrite", "--resume")]
    return _command([*command, "--resume", *options, *arguments[end:]])


def _arguments(context: typer.Context) -> list[str]:
    return list(context.find_root().obj)


def _command(arguments: list[str]) -> str:
    return shlex.join(["ostinato", *arguments])


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
