"""How right a model is class by class, and what it takes for what, 80 columns wide."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.cells import cell_len, set_cell_size

_WIDTH = 80
_NAME = 24  # columns of a class's name, at most
_LEAST = 12  # columns of it beside the confusion matrix, at least
_HEADING = 3  # columns of what stands above a column of the matrix, at least
_GAP = 2
_CONFUSIONS = 10


def class_table(classes: Sequence[Mapping[str, Any]], unit: str = "examples") -> str:
    """A line for each class: precision, recall, F1, and how many examples there were."""
    names = _names(classes)
    lines = [f"{names[0]}  precision  recall      F1  {unit:>8}"]
    for name, row in zip(names[1:], classes, strict=True):
        figures = f"{row['precision']:9.4f}  {row['recall']:6.4f}  {row['f1']:6.4f}"
        lines.append(f"{name}  {figures}  {row['examples']:8,}")
    return "\n".join(lines)


def confusion_view(classes: Sequence[Mapping[str, Any]], confusion: Sequence[Sequence[int]]) -> str:
    """The confusion matrix where it fits, otherwise the most frequent confusions."""
    labels = [str(entry["class"]) for entry in classes]
    widest = max(_HEADING, *(len(str(count)) for row in confusion for count in row))
    room = _WIDTH - len(labels) * (widest + _GAP)
    if room < _LEAST:
        return _most_confused(labels, confusion)
    names = _names(classes, "true ↓ predicted →", min(_NAME, room))
    longest = max(map(cell_len, labels))
    width = max(widest, min(longest, (_WIDTH - cell_len(names[0])) // len(labels) - _GAP))
    heading = "".join(" " * _GAP + _right(label, width) for label in labels)
    rows = (
        name + "".join(f"{' ' * _GAP}{count or '·':>{width}}" for count in row)
        for name, row in zip(names[1:], confusion, strict=True)
    )
    return "\n".join([names[0] + heading, *rows])


def _most_confused(labels: Sequence[str], confusion: Sequence[Sequence[int]]) -> str:
    names = [_cut(label, _NAME) for label in labels]
    pairs = [
        (count, names[true], names[predicted])
        for true, row in enumerate(confusion)
        for predicted, count in enumerate(row)
        if true != predicted and count
    ]
    if not pairs:
        return "None was taken for another."
    pairs.sort(key=lambda pair: -pair[0])
    lines = (f"{count:8,}  {true} taken for {predicted}" for count, true, predicted in pairs[:_CONFUSIONS])
    return "\n".join(["Most often:", *lines])


def _names(classes: Sequence[Mapping[str, Any]], heading: str = "class", width: int = _NAME) -> list[str]:
    """A heading and the classes' names, all as wide as the widest is, `width` at most."""
    names = [_cut(name, width) for name in (heading, *(str(entry["class"]) for entry in classes))]
    widest = max(map(cell_len, names))
    return [set_cell_size(name, widest) for name in names]


def _cut(name: str, width: int) -> str:
    """The beginning of a name that is wider than that many columns of a terminal."""
    return name if cell_len(name) <= width else set_cell_size(name, width - 1).rstrip() + "…"


def _right(name: str, width: int) -> str:
    """As much of a name as there are columns, at their right end."""
    return " " * (width - cell_len(name)) + set_cell_size(name, min(width, cell_len(name)))
