"""What a forecaster remembers of its training."""

import numpy as np
import pytest

from ostinato import InputError
from ostinato.data.forecasting._memory import Memory

from ...panels import MONTH, STEP, panel, series, wave

NAN = np.nan
COVARIATES = panel(
    series(wave(8), name="a", known=np.arange(22.0).reshape(11, 2), past=np.full((8, 1), NAN)),
    series(wave(5), name="b", begin="1950-07-01", known=np.zeros((5, 2)), past=np.ones((5, 1))),
)


def rebuilt(memory):
    panel = memory.panel
    return Memory.from_arrays(memory.to_arrays(), panel.frequency, panel.known_names, panel.past_names)


class TestBegins:
    def test_after_the_end_and_after_what_was_learned(self):
        whole = panel(np.arange(20.0), np.arange(9.0))
        memory = Memory.of(whole.until([12, 9]), np.array([3, 2]))
        assert memory.begins(whole, held_out=False).tolist() == [12, 9]
        assert memory.begins(whole, held_out=True).tolist() == [9, 7]

    def test_of_series_that_training_did_not_have_all(self):
        memory = Memory.of(panel(series(np.arange(9.0), name="a")), np.array([0]))
        assert memory.begins(panel(series(np.arange(9.0), name="b")), held_out=False).tolist() == [0]

    def test_dated_series_are_told_by_their_names(self):
        memory = Memory.of(panel(np.arange(9.0)), np.array([2]))
        assert memory.begins(panel(np.arange(9.0) + 1), held_out=False).tolist() == [9]

    def test_numbered_series_are_told_by_their_values(self):
        memory = Memory.of(panel(np.arange(9.0), frequency=STEP), np.array([2]))
        same, other = (panel(np.arange(12.0) + n, frequency=STEP) for n in (0, 1))
        assert memory.begins(same, held_out=False).tolist() == [9]
        assert memory.begins(other, held_out=False).tolist() == [0]

    def test_numbered_series_with_gaps(self):
        values = np.array([1.0, NAN, 3, 4])
        memory = Memory.of(panel(values, frequency=STEP), np.array([0]))
        assert memory.begins(panel([*values, 5.0], frequency=STEP), held_out=False).tolist() == [4]


class TestJoined:
    def test_what_begins_later_goes_on_from_what_was_before(self):
        whole = panel(np.arange(20.0), np.arange(9.0))
        memory = Memory.of(whole.until([12, 9]), np.array([3, 2]))
        assert memory.joined(whole.since([12, 4])).fingerprint() == whole.fingerprint()

    def test_what_is_given_counts_where_both_have_it(self):
        memory = Memory.of(panel(np.arange(12.0)), np.array([0]))
        joined = memory.joined(panel(series([50.0, 60.0], begin="2000-11-01")))
        assert joined.values[0].tolist() == [*range(10), 50, 60]

    def test_series_that_begin_as_early_stay(self):
        memory = Memory.of(panel(np.arange(12.0)), np.array([0]))
        other = panel(np.arange(3.0))
        assert memory.joined(other).fingerprint() == other.fingerprint()

    def test_numbered_series_never_do(self):
        whole = panel(np.arange(20.0), frequency=STEP)
        later = whole.since([15])
        assert Memory.of(whole.until([12]), np.array([0])).joined(later) is later


class TestArrays:
    @pytest.mark.parametrize("frequency", [MONTH, STEP], ids=str)
    def test_back_again(self, frequency):
        memory = Memory.of(panel(wave(9), [NAN, 1.0], frequency=frequency), np.array([3, 0]))
        again = rebuilt(memory)
        assert again.panel.fingerprint() == memory.panel.fingerprint()
        assert again.panel.frequency == frequency
        assert again.held_out.tolist() == [3, 0]

    def test_covariates_and_what_is_known_of_the_future(self):
        memory = Memory.of(COVARIATES, np.array([0, 1]))
        assert rebuilt(memory).panel.fingerprint() == memory.panel.fingerprint()
        assert rebuilt(memory).panel.ahead.tolist() == [3, 0]

    @pytest.mark.parametrize(
        "name", ["names", "times", "values", "known", "past", "lengths", "ahead", "held_out"]
    )
    @pytest.mark.parametrize(
        "change",
        [
            lambda array: None,
            lambda array: array[:-1],
            lambda array: array.astype(np.float32),
            lambda array: array.reshape(-1, 1, 1),
            lambda array: np.full_like(array, 1 << 50) if array.dtype == np.int64 else None,
            lambda array: np.full_like(array, -1) if array.dtype == np.int64 else None,
            lambda array: np.full_like(array, np.inf) if array.dtype == np.float64 else None,
            lambda array: array[:0],
        ],
        ids=["missing", "shorter", "dtype", "shape", "huge", "negative", "infinite", "empty"],
    )
    def test_anything_else(self, name, change):
        memory = Memory.of(COVARIATES, np.array([0, 1]))
        arrays = memory.to_arrays()
        changed = change(arrays[name])
        arrays = (
            {**arrays, name: changed}
            if changed is not None
            else {k: v for k, v in arrays.items() if k != name}
        )
        with pytest.raises(InputError, match="are not those of time series"):
            Memory.from_arrays(arrays, MONTH, ("k", "l"), ("p",))

    def test_times_that_do_not_rise(self):
        arrays = Memory.of(COVARIATES, np.array([0, 1])).to_arrays()
        arrays["times"][1] = arrays["times"][0]
        with pytest.raises(InputError, match="times"):
            Memory.from_arrays(arrays, MONTH, ("k", "l"), ("p",))
