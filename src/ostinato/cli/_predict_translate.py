"""What a translator makes of inputs: a line for each, or how it came about."""

from collections.abc import Iterator, Sequence
from typing import Any

from rich.cells import cell_len

from ostinato.cli._inputs import Batch
from ostinato.cli._predictions import Answer

_SHARE = 0.1  # of the attention that a token of the source must have to be shown


def translations(
    model: Any, batch: Batch, beam: int | None = None, attention: bool = False
) -> Iterator[Answer]:
    """The translation of each input.

    Args:
        model: a `Translator`.
        batch: the inputs.
        beam: hypotheses that are followed; None: as many as the model says.
        attention: whether to tell which tokens of the source each token attended to.
    """
    found = model.translate(batch.examples, beam_size=beam, attention=attention)
    for name, translation in zip(batch.names, found, strict=True):
        yield _explained(name, translation) if attention else _answer(name, translation)


def _answer(name: str, output: Any) -> Answer:
    return {"input": name, "output": output}, f"{_line(output)}\n"


def _line(output: str | Sequence[str]) -> str:
    """An output on one line, so that there are as many of them as inputs."""
    return " ".join(output.splitlines() if isinstance(output, str) else output)


def _explained(name: str, translation: Any) -> Answer:
    """With the attention, and below the line which tokens were attended to for each."""
    weights = translation.attention
    value, line = _answer(name, translation.output)
    details = {
        **(value or {}),
        "log_probability": translation.log_probability,
        "source_tokens": translation.source_tokens,
        "target_tokens": translation.target_tokens,
        "attention": None if weights is None else [[round(w, 4) for w in row] for row in weights.tolist()],
    }
    if weights is None:
        return details, line
    width = max(map(cell_len, translation.target_tokens), default=0)
    lines = [
        f"  {token}{' ' * (width - cell_len(token))}  {_attended(row, translation.source_tokens)}\n"
        for token, row in zip(translation.target_tokens, weights.tolist(), strict=True)
    ]
    return details, line + "".join(lines)


def _attended(weights: Sequence[float], tokens: Sequence[str]) -> str:
    """The tokens that had some of the attention, those with most first, and what else was read."""
    shares = [*zip(weights, tokens, strict=True), (1 - sum(weights), "(memory)")]
    ranked = sorted(shares, key=lambda share: -share[0])
    return "  ".join(f"{token} {weight:.0%}" for weight, token in ranked if weight >= _SHARE)
