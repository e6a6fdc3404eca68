"""A language model's figures as a table for the terminal."""

from collections.abc import Mapping

Figures = Mapping[str, float]


def figures_table(rows: Mapping[str, Figures]) -> str:
    """A row of figures for each name, 80 columns wide at most where the names have no more than 20."""
    names = max(len(name) for name in rows)
    lines = [f"{'':{names}}      loss  perplexity  bits/character  accuracy"]
    lines += [
        f"{name:{names}}  {_number(row['loss'], 4):>8}  {_number(row['perplexity'], 3):>10}"
        f"  {_number(row['bits_per_character'], 4):>14}  {row['accuracy']:>8.2%}"
        for name, row in rows.items()
    ]
    return "\n".join(lines)


def unknown_note(share: float) -> str | None:
    """A line to put below figures where enough of the scored tokens are unknown ones to flatter them."""
    if share < 0.001:
        return None
    return f"{share:.1%} of the scored tokens are unknown ones, which flatters the figures."


def _number(value: float, decimals: int) -> str:
    return f"{value:,.{decimals}f}" if abs(value) < 10_000 else f"{value:.2e}"
