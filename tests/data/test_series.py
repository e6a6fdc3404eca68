import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ostinato.data import Frequency, Series

ROWS = st.lists(st.tuples(st.integers(1, 3), st.booleans()), min_size=1, max_size=30)
GRIDS = [Frequency(), Frequency("hour"), Frequency("business day", 1, "1111100"), Frequency("month", day=31)]


@pytest.mark.parametrize("columns", [0, 2], ids=["nothing known", "two columns known"])
@pytest.mark.parametrize("frequency", GRIDS, ids=str)
@settings(max_examples=30, deadline=None)
@given(rows=ROWS)
def test_every_row_is_at_its_time(frequency, columns, rows):
    steps = np.cumsum([step for step, _ in rows])
    values = np.where([there for _, there in rows], steps, np.nan).astype(float)
    values[len(rows) // 2] = 5.5
    times = frequency.at(np.datetime64("2012-12-31", "s") if frequency.seconds else 0, steps)
    known, past = np.tile(steps[:, None], columns) + 0.5, values[:, None] + 0.25
    series = Series.of_rows("a", frequency, times, values, known, past)
    T, whole = len(series), len(series.times)
    assert (series.known.shape, series.past.shape) == ((whole, columns), (T, 1))
    assert not np.isnan(series.values[[0, -1]]).any()
    assert whole == (frequency.steps(series.times[0], times[-1:])[0] + 1 if columns else T)
    np.testing.assert_array_equal(frequency.at(series.times[0], np.arange(whole)), series.times)
    there = dict(zip(times.tolist(), zip(values, *known.T, strict=True), strict=True))
    for time, value, *covariates in zip(
        series.times.tolist(), series.values, *series.known[:T].T, strict=False
    ):
        np.testing.assert_equal((value, *covariates), there.get(time, (np.nan,) * (1 + columns)))
    assert set(series.gaps.tolist()) == set(series.times[:T].tolist()) - set(there)


def test_a_row_at_the_end_of_which_nothing_is_known_is_none():
    nan = np.nan
    known = np.array([[1, 1], [1, 1], [1, nan], [nan, 1], [nan, nan]])
    values = np.array([1, 2, nan, nan, nan])
    series = Series.of_rows("a", Frequency(), np.arange(5), values, known, known[:, :0])
    assert (len(series), len(series.times)) == (2, 4)
