"""Progress on stderr: a live bar in a terminal, a line per evaluation elsewhere."""

import time

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from ostinato.training._history import Record


class ProgressBar:
    """A `Reporter` that shows epoch, bar, tokens a second, losses and the time left.

    Args:
        console: where to; stderr where None.
    """

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(stderr=True)
        self._bar: Progress | None = None
        self._task = TaskID(0)

    def begin(self, step: int, total: int, steps_per_epoch: int) -> None:
        """Show the bar, where there is a terminal to move it in."""
        self._step, self._total, self._per_epoch = step, total, steps_per_epoch
        self._loss: float | None = None
        self._tokens, self._since = 0, time.monotonic()
        if self.console.is_terminal:
            self._bar = _bar(self.console)
            self._task = self._bar.add_task(
                "", total=total, completed=step, epoch=self._epoch(), speed=0.0, loss="–", valid="–"
            )
            self._bar.start()

    def stepped(self, tokens: int, loss: float) -> None:
        """Move the bar on by a step; the loss shown is smoothed over some fifty steps."""
        self._step += 1
        self._tokens += tokens
        self._loss = loss if self._loss is None else 0.98 * self._loss + 0.02 * loss
        if self._bar is not None:
            speed = self._tokens / max(1e-9, time.monotonic() - self._since)
            shown = f"{self._loss:.3f}"
            self._bar.update(self._task, completed=self._step, epoch=self._epoch(), speed=speed, loss=shown)

    def evaluated(self, record: Record) -> None:
        """Print a line, and renew the figure in the bar."""
        if self._bar is not None and "valid_loss" in record:
            self._bar.update(self._task, valid=f"{record['valid_loss']:.3f}")
        figures = "  ".join(
            f"{name.removeprefix('valid_').replace('_', ' ')} {value:.4g}"
            for name, value in record.items()
            if name.startswith("valid_")
        )
        self.console.print(
            f"step {record['step']:>6}  train loss {record['train_loss']:.4f}"
            + (f"  valid: {figures}" if figures else ""),
            highlight=False,
            soft_wrap=True,
        )

    def end(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _epoch(self) -> str:
        epochs = -(-self._total // self._per_epoch)
        return f"{min(epochs, self._step // self._per_epoch + 1)}/{epochs}"


def _bar(console: Console) -> Progress:
    return Progress(
        TextColumn("epoch {task.fields[epoch]}"),
        BarColumn(bar_width=None),
        TextColumn("{task.percentage:3.0f}%"),
        TextColumn("{task.fields[speed]:,.0f} tokens/s"),
        TextColumn("train {task.fields[loss]}"),
        TextColumn("valid {task.fields[valid]}"),
        TimeRemainingColumn(compact=True),
        TextColumn("left"),
        console=console,
        transient=True,
        expand=True,
    )
