"""The time series of a table that a command is given, read."""

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ostinato._errors import InputError
from ostinato.cli._train_options import share_or_path

if TYPE_CHECKING:
    from ostinato.data import Panel


def read_training_panel(
    path: Path,
    valid: str,
    target: str | None,
    time: str | None,
    series: str | None,
    known: list[str] | None,
    past: list[str] | None,
) -> tuple["Panel", "float | Panel"]:
    """What is learned from, and what --valid says: a share, or the panel of another table, read alike.

    Args:
        path: of the table.
        valid: as --valid has it.
        target: the column of values; the others are those of `PanelColumns`.
        time: when each row is.
        series: which series it is of.
        known: covariates known ahead.
        past: covariates known when the target is.
    """
    from ostinato.data import PanelColumns, read_panel, read_table

    if target is None:
        target = read_table(path).only([], "target")
    columns = PanelColumns(target, time, series, tuple(known or ()), tuple(past or ()))
    panel = read_panel(path, columns)
    _tell_gaps(path, panel)
    held_out = share_or_path(valid)
    if isinstance(held_out, float):
        return panel, held_out
    return panel, read_panel(held_out, columns, frequency=panel.frequency)


def read_panel_like(path: Path, model: Any) -> "Panel":
    """The panel of a table, read as that of a forecaster's training was."""
    from ostinato.data import PanelColumns, read_panel

    columns = model.data_["origin"].get("columns")
    if columns is None:
        raise InputError(
            f"{path}: the model was not trained on a table, so it is not known which columns to read: use it "
            f"from Python"
        )
    panel = read_panel(path, PanelColumns.from_json(columns), frequency=model.encoder_.frequency)
    _tell_gaps(path, panel)
    return panel


def _tell_gaps(path: Path, panel: "Panel") -> None:
    """Warn of times for which the table has no row."""
    from ostinato.data import written_times

    gaps = {name: times for name, times in zip(panel.names, panel.gaps, strict=True) if len(times)}
    if gaps:
        (name, times), count = next(iter(gaps.items())), sum(map(len, gaps.values()))
        series = f" in {len(gaps):,} series" if len(panel) > 1 else ""
        first = written_times(times, panel.frequency.unit)[0]
        warnings.warn(
            f"{path}: missing times: {count:,}{series}, the first {first}{f' ({name})' if name else ''}; "
            f"their values count as missing",
            UserWarning,
            stacklevel=2,
        )
