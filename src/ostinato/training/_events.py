"""TensorBoard events: each number of a history record as a scalar at its step."""

from pathlib import Path

from ostinato.training._history import Record

_NOT_PLOTTED = {"step", "tokens", "seconds"}


class Events:
    """Writes events below `path`, or nowhere where it is None.

    A run that goes on after `step` has TensorBoard hide what it wrote past that step before it was broken
    off.
    """

    def __init__(self, path: Path | None, step: int) -> None:
        self._writer = None
        if path is not None:
            from torch.utils.tensorboard import SummaryWriter  # slow to import, needed by few

            self._writer = SummaryWriter(str(path), purge_step=step + 1 if step else None)

    def append(self, record: Record) -> None:
        """Write one record."""
        if self._writer is None:
            return
        for name, value in record.items():
            if name not in _NOT_PLOTTED:
                self._writer.add_scalar(name, value, record["step"])
        self._writer.flush()

    def close(self) -> None:
        """Flush and close the file."""
        if self._writer is not None:
            self._writer.close()
