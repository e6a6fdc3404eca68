"""A model's figures as a table for the terminal."""

from collections.abc import Callable, Mapping

Figures = Mapping[str, float]


def _number(decimals: int) -> Callable[[float], str]:
    return lambda value: f"{value:,.{decimals}f}" if abs(value) < 10_000 else f"{value:.2e}"


# The figures of all tasks, in the order of their columns: the heading and how a value is written.
_COLUMNS: dict[str, tuple[str, Callable[[float], str]]] = {
    "loss": ("loss", _number(4)),
    "perplexity": ("perplexity", _number(3)),
    "bits_per_character": ("bits/character", _number(4)),
    "accuracy": ("accuracy", "{:.2%}".format),
    "macro_f1": ("macro F1", _number(4)),
    "bleu": ("BLEU", _number(2)),
    "chrf": ("chrF", _number(2)),
    "error_rate": ("error rate", "{:.2%}".format),
    "exact": ("exact", "{:.2%}".format),
    "mase": ("MASE", _number(3)),
    "rmsse": ("RMSSE", _number(3)),
    "pinball": ("pinball loss", "{:.5g}".format),
    "coverage": ("coverage", "{:.1%}".format),
    "mae": ("mean abs. error", "{:.5g}".format),
    "rmse": ("RMS error", "{:.5g}".format),
    "r2": ("R²", _number(4)),
}
MORE_IS_BETTER = {"accuracy", "macro_f1", "bleu", "chrf", "exact", "r2"}  # of others less
_NARROWEST = 8


def figures_table(rows: Mapping[str, Figures]) -> str:
    """A row of figures for each name, 80 columns wide at most where the names have no more than 20."""
    columns = [key for key in _COLUMNS if any(key in row for row in rows.values())]
    names = max(len(name) for name in rows)
    widths = [max(_NARROWEST, len(_COLUMNS[key][0])) for key in columns]
    headings = [_COLUMNS[key][0] for key in columns]
    lines = [_line("", names, headings, widths)]
    for name, row in rows.items():
        cells = [_COLUMNS[key][1](row[key]) if key in row else "" for key in columns]
        lines.append(_line(name, names, cells, widths))
    return "\n".join(lines)


def unknown_note(share: float) -> str | None:
    """A line to put below figures where enough of the scored tokens are unknown ones to flatter them."""
    if share < 0.001:
        return None
    return f"{share:.1%} of the scored tokens are unknown ones, which flatters the figures."


def _line(name: str, width: int, cells: list[str], widths: list[int]) -> str:
    return f"{name:{width}}" + "".join(f"  {cell:>{size}}" for cell, size in zip(cells, widths, strict=True))
