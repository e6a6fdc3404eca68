"""Figures as a table."""

from collections.abc import Mapping

from rich.table import Table

Figures = Mapping[str, float]


def figures_table(rows: Mapping[str, Figures]) -> Table:
    """A row of language-model figures for each name."""
    table = Table(box=None, pad_edge=False)
    table.add_column()
    for name in ("loss", "perplexity", "bits/character", "accuracy"):
        table.add_column(name, justify="right")
    for name, row in rows.items():
        table.add_row(
            name,
            f"{row['loss']:.4f}",
            f"{row['perplexity']:.3f}",
            f"{row['bits_per_character']:.4f}",
            f"{row['accuracy']:.2%}",
        )
    return table
