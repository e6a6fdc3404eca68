"""How the lesson on memory looks in a terminal, 80 columns wide, and as JSON."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from rich import box
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from ostinato.cli._charts import bar
from ostinato.cli._console import errors, results, say
from ostinato.tasks._memory_lesson import CHANCE, FRESH, HIDDEN, SYMBOLS, MemoryLesson, Recall, Watcher

ROWS = 10  # of the chart of gradients, the last of them the symbol itself
WIDTH = 14  # of a bar
SMALLEST = 1e-45  # above 0 in float32
WHY = {
    "rnn": [
        "rnn   h_t = tanh(W_hh h_{t-1} + …). Each step back multiplies the gradient by",
        "      W_hh and by tanh' ≤ 1: step by step it fades, exponentially.",
    ],
    "lstm": [
        "lstm  c_t = f_t ⊙ c_{t-1} + …. Along c each step back multiplies it by f_t",
        "      alone: a gate, which at 1 lets all of it pass.",
    ],
    "gru": ["gru   h_t = z_t ⊙ h_{t-1} + …: the same with z_t."],
}
OPEN = [
    "",
    "The weights start as torch's, but the gates start open, by their biases; half",
    "open they would fade, too. And an rnn with an orthogonal W_hh fades less:",
    "docs/tutorial/why-gates.md has the figures.",
]
NEXT = "Next:  ostinato demo embedding"


def as_object(lesson: MemoryLesson) -> dict[str, Any]:
    """The whole lesson as one JSON object."""
    return {"symbols": SYMBOLS, "hidden": HIDDEN, "chance": CHANCE, **asdict(lesson)}


@contextmanager
def progress(networks: int, steps: int) -> Iterator[Watcher]:
    """Shows on stderr how far the lesson is: a live bar in a terminal, and a line per network."""
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        TextColumn("{task.percentage:3.0f}%"),
        TimeRemainingColumn(compact=True),
        TextColumn("left"),
        console=errors,
        transient=True,
        disable=not errors.is_terminal,
    ) as shown:
        yield _Bar(shown, shown.add_task("", total=networks * steps))


class _Bar(Watcher):
    def __init__(self, shown: Progress, task: TaskID) -> None:
        self._shown, self._task = shown, task

    def stepped(self, cell: str, distance: int) -> None:
        self._shown.update(self._task, advance=1, description=f"{cell}, distance {distance}")

    def learned(self, recall: Recall) -> None:
        line = f"{recall.cell:4}  distance {recall.distance:>4}  accuracy {recall.accuracy:7.2%}"
        self._shown.console.print(f"{line}  {recall.seconds:5.1f} s", highlight=False)


def show(lesson: MemoryLesson) -> None:
    """Print the lesson."""
    say(
        f"A network reads one of {SYMBOLS} symbols, then others that do not matter, then a",
        "question mark. There it must answer with the first symbol, which only its state",
        "can have kept:",
        "",
        "  c x z y w … y z ?  →  c",
        "",
        f"Every network has {HIDDEN} hidden units and {lesson.steps:,} steps of training. Right answers on",
        f"{FRESH:,} fresh sequences, by the distance from symbol to question (chance: {CHANCE:.1%}):",
    )
    results.print(_accuracies(lesson))
    say(
        "Why? Training teaches only what the gradient reaches. Before training, this is",
        "the norm of ∂loss/∂x, where x was read so many steps before the question; in the",
        "last row x is the symbol to remember. The bars are on a log scale.",
    )
    results.print(_gradients(lesson))
    say(*(line for cell in lesson.cells for line in WHY[cell]), *OPEN, "", NEXT)


def _accuracies(lesson: MemoryLesson) -> Table:
    table = _table("distance", lesson.cells)
    share = {(recall.cell, recall.distance): recall.accuracy for recall in lesson.recalls}
    for distance in lesson.distances:
        shares = [share[cell, distance] for cell in lesson.cells]
        table.add_row(str(distance), *(f"{bar(share, WIDTH)} {share:.1%}" for share in shares))
    return table


def _gradients(lesson: MemoryLesson) -> Table:
    """A row for each tenth of the way back, a bar for each cell."""
    longest = max(lesson.distances)
    rows = sorted({round(longest * k / ROWS) for k in range(ROWS + 1)})
    decades = {cell: [_decades(norms[back]) for back in rows] for cell, norms in lesson.gradients.items()}
    low = math.floor(min(map(min, decades.values())))
    high = math.ceil(max(map(max, decades.values())))
    table = _table("back", lesson.cells)
    for row, back in enumerate(rows):
        bars = (bar((decades[cell][row] - low) / (high - low), WIDTH) for cell in lesson.cells)
        norms = (f"{lesson.gradients[cell][back]:.0e}" for cell in lesson.cells)
        table.add_row(str(back), *(f"{filled} {norm}" for filled, norm in zip(bars, norms, strict=True)))
    return table


def _table(first: str, cells: Sequence[str]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column(first, justify="right")
    for cell in cells:
        table.add_column(cell)
    return table


def _decades(norm: float) -> float:
    return math.log10(max(norm, SMALLEST))
