"""From a table's file to a panel."""

from pathlib import Path

from ostinato.data._frequency import Frequency
from ostinato.data._panel import Panel
from ostinato.data._panel_columns import PanelColumns
from ostinato.data._table import read_table


def read_panel(path: Path, columns: PanelColumns, *, frequency: Frequency | None = None) -> Panel:
    """The time series in a table, of which each row is a step of one series.

    Series are in the order of their first rows. Dates that are missing here and there become steps without
    values. Rows after a series' last value are what is known of the time to be forecast; without known
    covariates they say nothing and are left out. Missing numbers are NaN.

    Args:
        path: .csv, .tsv, .jsonl or .parquet.
        columns: which are read.
        frequency: the distance of the steps, for a table to be read like another; None: as the times show.

    Returns:
        The panel. `PanelColumns.from_json` of its `origin["columns"]` reads another table like this one.

    Raises:
        InputError: the file is missing, broken or empty; a column is missing; a cell is wrong; times are
            repeated, unsorted or irregular; or a series has no values.
    """
    return Panel.of_table(read_table(path), columns, frequency)
