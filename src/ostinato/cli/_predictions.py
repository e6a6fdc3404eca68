"""What classifiers and regressors say of inputs: as objects, and as lines."""

from collections.abc import Iterator
from typing import Any

from rich.cells import set_cell_size

from ostinato.cli._inputs import Batch
from ostinato.cli._likeliest import bars

Answer = tuple[
    dict[str, Any] | None, str
]  # as an object, and as it is shown; what is shown may come in pieces

_TOP = 10  # classes of a single input
_NAME = 24  # columns of a class in a line, at most


def classes(model: Any, batch: Batch, top: int | None = None) -> Iterator[Answer]:
    """The likeliest classes of each input; where there are many inputs, each has a line."""
    labels = model.classes_.tolist()
    width = min(_NAME, max(len(str(label)) for label in labels))
    for name, row in zip(batch.names, model.predict_proba(batch.examples), strict=True):
        order = (-row).argsort(kind="stable").tolist()
        ranked = [(labels[i], float(row[i])) for i in order]
        value = {
            "input": name,
            "class": ranked[0][0],
            "probabilities": [{"class": c, "probability": p} for c, p in ranked[: top or _TOP]],
        }
        if batch.typed:
            lines = [name, *bars((str(c), p) for c, p in ranked[: top or _TOP])]
            yield value, "\n".join(lines) + "\n"
        else:
            cells = "  ".join(f"{set_cell_size(str(c), width)}  {p:7.2%}" for c, p in ranked[: top or 1])
            yield value, f"{cells}  {name}\n"


def numbers(model: Any, batch: Batch) -> Iterator[Answer]:
    """The number of each input, or its numbers."""
    for name, value in zip(batch.names, model.predict(batch.examples).tolist(), strict=True):
        shown = "  ".join(f"{number:12.6g}" for number in (value if isinstance(value, list) else [value]))
        yield {"input": name, "value": value}, f"{shown}  {name}\n"
