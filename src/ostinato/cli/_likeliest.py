"""Probabilities as bars, the likeliest first."""

from collections.abc import Iterable

from rich.cells import cell_len

_BAR = 40  # columns of what is certain


def bars(likeliest: Iterable[tuple[str, float]]) -> list[str]:
    """A line for each name and its probability, aligned in a terminal, of whose columns 한 takes two."""
    rows = list(likeliest)
    width = max((cell_len(name) for name, _ in rows), default=0)
    return [
        f"{name}{' ' * (width - cell_len(name))}  {p:7.2%}  {'█' * round(_BAR * p)}".rstrip()
        for name, p in rows
    ]
