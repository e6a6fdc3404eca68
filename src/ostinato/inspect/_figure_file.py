"""A figure of matplotlib as a file: the same figure gives the same bytes, whole or not at all."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ostinato._errors import InputError, ParameterError
from ostinato._files import replacing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# By format, what would tell one run from another.
_METADATA = {"png": {"Software": None}, "svg": {"Date": None}}
_STYLE: dict[str, Any] = {
    "axes.spines.right": False,
    "axes.spines.top": False,
    "date.converter": "concise",
    "font.size": 9,
    "svg.fonttype": "none",  # text stays text, so that a reader's own fonts show every script
    "svg.hashsalt": "ostinato",
    "text.parse_math": False,  # a $ in a name is a $
}


def figure_format(path: Path) -> str:
    """The format of a figure's file, "png" or "svg", by its suffix.

    Raises:
        ParameterError: `plot` has another suffix.
        InputError: matplotlib is not installed.
    """
    form = path.suffix.lower().removeprefix(".")
    if form not in _METADATA:
        raise ParameterError("plot", f"is {str(path)!r}: name a file that ends in .png or .svg")
    try:
        import matplotlib  # noqa: F401
    except ModuleNotFoundError:
        raise InputError("a plot needs matplotlib: pip install '.[plot]' in Ostinato's folder") from None
    return form


@contextmanager
def drawing(families: list[str]) -> Iterator[None]:
    """Figures made within have our style, whatever the user's own is, and these fonts."""
    from matplotlib import style

    with style.context(["default", {**_STYLE, "font.family": families}]), warnings.catch_warnings():
        # Of a script for which no font is installed, a box stands for a letter.
        warnings.filterwarnings("ignore", r"Glyph .* missing from", UserWarning)
        yield


def write_figure(figure: "Figure", path: Path) -> None:
    """Replace a file by a figure, in the format of its suffix.

    Raises:
        InputError: it cannot be written, or its suffix is of another format.
    """
    form = figure_format(path)
    with replacing(path) as part:
        figure.savefig(part, format=form, dpi=150, metadata=_METADATA[form])
