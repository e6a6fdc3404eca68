"""Numbers on the command line, with the same complaint whatever the version of typer."""

import typer


def whole(value: str | int) -> int:
    """The whole number that was typed."""
    try:
        return int(value)
    except ValueError:
        raise typer.BadParameter(f"{value!r} is not a whole number") from None


def number(value: str | float) -> float:
    """The number that was typed."""
    try:
        return float(value)
    except ValueError:
        raise typer.BadParameter(f"{value!r} is not a number") from None
