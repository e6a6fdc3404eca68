import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ostinato.data import Frequency, find_seasons

BUSINESS_DAY = Frequency("business day", 1, "1111100")
# Passengers of airlines in thousands, January 1949 to December 1952 (Box & Jenkins 1976, series G).
AIRLINE = np.array(
    [
        *[112, 118, 132, 129, 121, 135, 148, 148, 136, 119, 104, 118],
        *[115, 126, 141, 135, 125, 149, 170, 170, 158, 133, 114, 140],
        *[145, 150, 178, 163, 172, 178, 199, 199, 184, 162, 146, 166],
        *[171, 180, 193, 181, 183, 218, 230, 242, 209, 191, 172, 194],
    ],
    np.float64,
)


def wave(count: int, period: float) -> np.ndarray:
    return np.sin(2 * np.pi * np.arange(count) / period)


def noise(count: int) -> np.ndarray:
    return np.random.default_rng(count).normal(size=count)


def day_and_week(count: int) -> np.ndarray:
    return wave(count, 24) + 0.3 * wave(count, 12) + 0.8 * wave(count, 168) + 0.5 * noise(count)


@pytest.mark.parametrize("frequency", [Frequency("month"), Frequency()], ids=str)
@pytest.mark.parametrize("count", [36, 48])
def test_a_season_that_grows_with_the_trend(frequency, count):
    assert find_seasons(AIRLINE[:count], frequency) == (12,)


@pytest.mark.parametrize(
    ("values", "frequency", "seasons"),
    [
        (day_and_week(2000), Frequency("hour"), (24, 168)),
        (day_and_week(2000), None, (24, 168)),
        (day_and_week(700), Frequency("hour"), (24, 168)),
        (day_and_week(2000) + np.linspace(0, 50, 2000), Frequency("hour"), (24, 168)),
        (day_and_week(2000) + noise(2000).cumsum() / 9, Frequency("hour"), (24, 168)),
        (2 * wave(1100, 7) + wave(1100, 365.25) + 0.5 * noise(1100), Frequency("day"), (7, 365)),
        (2 * wave(700, 7) + wave(700, 365.25) + 0.5 * noise(700), Frequency("day"), (7,)),
        (2 * wave(600, 12) + wave(600, 50) + 0.5 * noise(600), None, (12, 50)),
        (2 * wave(500, 7) + wave(500, 30) + 0.5 * noise(500), Frequency("day"), (7, 30)),
        (np.where(np.arange(200) % 7 == 6, 0, 10) + noise(200), Frequency("day"), (7,)),
        (np.where(np.arange(300) % 5 == 4, 2, 0) + noise(300).cumsum(), BUSINESS_DAY, (5,)),
        (
            np.exp(0.02 * np.arange(240) + 0.3 * wave(240, 12)) * np.exp(0.05 * noise(240)),
            Frequency("month"),
            (12,),
        ),
        (np.tile([1.0, 2, 3, 4], 9), None, (4,)),
        (np.tile([1.0, 2, 3, 4, 6, 5, 4], 9), None, (7,)),
    ],
    ids=[
        "day and week",
        "unnamed steps",
        "four weeks",
        "with a trend",
        "with a random walk",
        "week and year",
        "less than three years",
        "no multiples",
        "week and 30 days",
        "a spike",
        "a spike in a random walk",
        "of multiplicative growth",
        "without noise",
        "an odd one without noise",
    ],
)
def test_seasons_strongest_first(values, frequency, seasons):
    assert find_seasons(values, frequency) == seasons


@pytest.mark.parametrize("count", [60, 300, 2000])
@pytest.mark.parametrize("frequency", [None, Frequency("day"), Frequency("hour"), BUSINESS_DAY], ids=str)
@pytest.mark.parametrize(
    "make",
    [
        noise,
        lambda count: noise(count).cumsum(),
        lambda count: np.exp(0.02 * noise(count).cumsum()),
        lambda count: 0.1 * np.arange(count) + noise(count),
        lambda count: np.exp(np.linspace(0, 5, count)),
        lambda count: np.linspace(-1, 3, count) ** 3,
    ],
    ids=["white noise", "random walk", "prices", "trend", "growth", "cubic"],
)
def test_no_season_where_there_is_none(make, frequency, count):
    assert find_seasons(make(count), frequency) == ()


def test_a_quasi_cycle_is_no_season():
    values = noise(600)
    for step in range(2, 600):
        values[step] += 1.6 * values[step - 1] - 0.9 * values[step - 2]
    assert find_seasons(values) == ()


def test_a_fifth_may_be_missing():
    values = day_and_week(2000)
    values[np.random.default_rng(0).random(2000) < 0.2] = np.nan
    assert find_seasons(values, Frequency("hour")) == (24, 168)


@pytest.mark.parametrize(
    "values",
    [
        np.ones(100),
        np.zeros(100),
        np.full(100, np.nan),
        np.empty(0),
        np.array([1.0]),
        AIRLINE[:35],
        np.where(np.arange(100) % 3 == 0, np.arange(100), np.nan),
    ],
    ids=["constant", "zeros", "nothing", "empty", "one value", "less than three years", "mostly missing"],
)
def test_too_little_to_tell(values):
    assert find_seasons(values, Frequency("month")) == ()


@settings(max_examples=50, deadline=None)
@given(
    arrays(float, st.integers(0, 60), elements=st.floats(-1e30, 1e30) | st.just(np.nan) | st.integers(0, 2)),
    st.sampled_from([None, Frequency("month"), Frequency("quarter")]),
)
def test_whatever_the_values_there_are_three_of_each_season(values, frequency):
    seasons = find_seasons(values, frequency)
    assert len(seasons) <= 2
    assert all(3 * season <= len(values) for season in seasons)
