"""TensorBoard events: each number of a history record as a scalar at its step."""

from contextlib import suppress
from pathlib import Path

from ostinato._errors import InputError, one_line
from ostinato.training._history import Record

_NOT_PLOTTED = {"step", "tokens", "seconds"}


class Events:
    """Writes events below `path`, or nowhere where it is None.

    A run that goes on after `step` has TensorBoard hide what it wrote past that step before it was broken
    off.

    Raises:
        InputError: events cannot be written there; from `append` as well.
    """

    def __init__(self, path: Path | None, step: int) -> None:
        self._path = path
        self._writer = None
        if path is not None:
            from torch.utils.tensorboard import SummaryWriter  # not needed by a run without a directory

            try:
                self._writer = SummaryWriter(str(path), purge_step=step + 1)
            except OSError as error:
                raise self._failed(error) from error

    def append(self, record: Record) -> None:
        """Write one record."""
        if self._writer is None:
            return
        try:
            for name, value in record.items():
                if name not in _NOT_PLOTTED:
                    self._writer.add_scalar(name, value, record["step"])
            self._writer.flush()
        except OSError as error:
            raise self._failed(error) from error

    def close(self) -> None:
        """Close the file; every record is in it already."""
        if self._writer is not None:
            with suppress(OSError):
                self._writer.close()

    def _failed(self, error: OSError) -> InputError:
        return InputError(
            f"cannot write TensorBoard events in {self._path}: {error.strerror or one_line(error)}"
        )
