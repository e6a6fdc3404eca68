"""The seasons of a time series: periods after which its ups and downs come again."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ostinato.data._frequency import Frequency

_Array = NDArray[np.float64]

_MOST = 2  # seasons
_CYCLES = 3  # of a season that a series must have: fewer do not tell it from chance
_HARMONICS = 6  # of a period that are looked at
_NEIGHBOURS = 5  # on each side of a line, at least, whose power is the background's
_CHANCE = 1e-3  # of a season where there is none
_STRENGTH = 0.1  # least share of the variance about the trend
_LONGEST = 20_000  # steps that are looked at, the last ones
_PEAKS = 5  # of the periodogram that are tried, as each of the harmonics of a period
_OUTLIER = 5.0  # standard deviations to which a difference is cut
_ROUNDING = 1e-9  # of the range
_NO_EVIDENCE = 5.0  # of a difference in the logarithm of a probability


def find_seasons(values: _Array, frequency: Frequency | None = None) -> tuple[int, ...]:
    """The periods of a series in steps, strongest first: none, one or two.

    A season is a line in the spectrum: power at a period and its harmonics that stands out from the
    frequencies beside them. A random walk has more power the longer the period, but no lines. For each
    harmonic, the power of the differenced series is compared to the mean of its m neighbours, an F test with
    (2, 2m) degrees of freedom; the harmonics' probabilities are combined as Fisher (1925) did. The season
    found is taken out of the series, and the rest is looked at again.

    Args:
        values: (T,), NaN where missing. If all are above 0, their logarithms are looked at, so that ups and
            downs that grow with the level are equal.
        frequency: of the steps; the calendar's cycles need less evidence than other periods.

    Returns:
        The periods, of which the series holds at least three each, and to each of which it owes at least a
        tenth of its variance about the trend.
    """
    rest = _bridged(values)
    calendar = frequency.cycles if frequency is not None else ()
    rounding = _ROUNDING * np.ptp(rest)
    found: dict[int, float] = {}
    while len(found) < _MOST and np.ptp(rest) > rounding and (season := _season(rest, calendar, found)):
        profile, found[season] = _profile(rest, season)
        rest = rest - profile
    return tuple(sorted(found, key=lambda season: -found[season]))


def _bridged(values: _Array) -> _Array:
    """The last values, on a logarithmic scale if they can be, lines over the holes; 0 if most are."""
    recent = np.asarray(values, np.float64)[-_LONGEST:]
    present = np.flatnonzero(~np.isnan(recent))
    if 2 * len(present) < max(len(recent), 2):
        return np.zeros(1)
    known = recent[present]
    return np.interp(np.arange(len(recent)), present, np.log(known) if (known > 0).all() else known)


def _season(values: _Array, calendar: Sequence[int], found: Iterable[int]) -> int:
    """A period that is strong and hardly by chance; 0 if there is none.

    The shortest of the calendar's, for without it the longer ones remain and the other way round it does not;
    or else that of all others which is least likely by chance.
    """
    differences = _differences(values)
    for period in calendar:
        if _log_chance(differences, period) < np.log(_CHANCE) and _profile(values, period)[1] >= _STRENGTH:
            return period
    known = {*calendar, *found}
    others = [each for each in _candidates(differences) if not _share_lines(each, known, len(values))]
    chances = {period: _log_chance(differences, period) for period in others}
    likely = [period for period, chance in chances.items() if chance < np.log(_CHANCE / 10 / len(chances))]
    for period in sorted(likely, key=lambda period: chances[period]):
        if _profile(values, period)[1] >= _STRENGTH:
            return _fundamental(period, chances)
    return 0


def _share_lines(period: int, others: Iterable[int], count: int) -> bool:
    """Whether so many steps do not tell the period from a harmonic of one of the others, or the other way."""
    pairs = [pair for other in others for pair in ((period, other), (other, period))]
    return any(
        abs(count / one - count * harmonic / other) < 1
        for one, other in pairs
        for harmonic in range(1, _HARMONICS + 1)
    )


def _fundamental(period: int, chances: Mapping[int, float]) -> int:
    """The period, or what it is a multiple of, if its other harmonics add nothing."""
    for parts in range(_HARMONICS, 1, -1):
        part = round(period / parts)
        if chances.get(part, 0.0) < chances[period] + _NO_EVIDENCE:
            return part
    return period


def _differences(values: _Array) -> _Array:
    """(T - 1,) from each step to the next; those beyond five standard deviations are cut to there.

    The deviation is told from the median, so that those far off do not count for it.
    """
    differences = np.diff(values)
    centre = np.median(differences)
    deviation = 1.4826 * np.median(np.abs(differences - centre))
    limit = _OUTLIER * deviation if deviation else np.inf
    return np.clip(differences - centre, -limit, limit)


def _candidates(differences: _Array) -> Iterator[int]:
    """Whole periods that have one of the periodogram's peaks as a harmonic."""
    count = len(differences)
    if count < _CYCLES * 3:
        return
    power = np.abs(np.fft.rfft(differences - differences.mean())) ** 2
    window = np.ones(2 * _NEIGHBOURS + 1)
    background = np.convolve(power, window)[_NEIGHBOURS : len(power) + _NEIGHBOURS]
    peaks = np.argsort(-power[1:] / (background[1:] + np.finfo(float).tiny))[:_PEAKS] + 1
    for peak in peaks.tolist():
        for harmonic in range(1, _HARMONICS + 1):
            # The peak's frequency is known to half a bin.
            shortest, longest = (harmonic * count / (peak + offset) for offset in (0.5, -0.5))
            first, last = max(3, int(np.floor(shortest))), min((count + 1) // _CYCLES, int(np.ceil(longest)))
            yield from range(first, last + 1, max(1, (last - first) // 8))


def _log_chance(differences: _Array, period: int) -> float:
    """The logarithm of the probability that a series without the season has such lines at its harmonics."""
    cycles = (len(differences) + 1) // period
    harmonics = min((period - 1) // 2, _HARMONICS)
    if cycles < _CYCLES or not harmonics:
        return 0.0
    # What led to the first step of all is not known; what leads to it a period later stands in for it.
    whole = np.append(differences[period - 1], differences)[-cycles * period :]
    power = np.abs(np.fft.rfft(whole - whole.mean())) ** 2
    power += power.max() * 1e-12
    if not power.any():
        return 0.0
    bins = np.arange(len(power))  # harmonic k has bin k · cycles
    beside = (bins % cycles != 0) & (2 * bins < len(whole))
    scores = np.empty(harmonics)
    for index, line in enumerate(cycles * np.arange(1, harmonics + 1)):
        near = beside & (np.abs(bins - line) <= max(_NEIGHBOURS, cycles // 2))
        scores[index] = near.sum() * np.log1p(power[line] / power[near].sum())
    # A wave has one line and a spike has many: the most telling number of them, chosen among all.
    chances = [_log_fisher(score, count) for count, score in enumerate(np.cumsum(scores), start=1)]
    return float(min(0.0, min(chances) + np.log(harmonics)))


def _log_fisher(score: float, count: int) -> float:
    """The log P(the -log p of `count` independent tests sum to `score` or more): χ², 2 · count degrees."""
    terms = np.cumprod(np.concatenate([[1.0], score / np.arange(1, count)]))
    return float(np.log(terms.sum()) - score)


def _profile(values: _Array, period: int) -> tuple[_Array, float]:
    """The season (T,): the mean of each step of the period about the trend, again and again.

    And its strength: the share of the variance about the trend that it takes away, less what it would by
    chance.
    """
    about = values - _trend(values, period)
    told = ~np.isnan(about)
    steps = np.arange(len(values)) % period
    means = np.bincount(steps, np.where(told, about, 0), period) / np.bincount(steps, told, period)
    profile = (means - means.mean())[steps]
    count = told.sum()
    variances = np.var(about[told]) / (count - 1), np.var((about - profile)[told]) / (count - period)
    return profile, float(1 - variances[1] / variances[0]) if variances[0] else 0.0


def _trend(values: _Array, period: int) -> _Array:
    """The moving average over one period (T,), NaN where it reaches beyond an end."""
    ends = (period + 1) % 2  # an even period is centred on a step with half of the steps at its two ends
    weights = np.concatenate([[0.5] * ends, np.ones(period - ends), [0.5] * ends]) / period
    half = period // 2
    trend = np.full(len(values), np.nan)
    trend[half : len(values) - half] = np.convolve(values, weights, "valid")
    return trend
