"""Small panels for the tests of forecasters."""

import numpy as np

from ostinato.data import Frequency, Panel, Series

MONTH = Frequency("month")
STEP = Frequency()


def series(values, *, name="", begin="2000-01-01", frequency=MONTH, known=None, past=None):
    """One series whose first value is at `begin`; (T + F, K) known and (T, P) past covariates."""
    values = np.asarray(values, float)
    known = np.empty((len(values), 0)) if known is None else np.asarray(known, float)
    past = np.empty((len(values), 0)) if past is None else np.asarray(past, float)
    start = 1 if frequency.unit == "step" else np.datetime64(begin, "s")
    times = frequency.at(start, np.arange(len(known)))
    return Series(name, times, values, known, past, times[:0])


def panel(*some, **options):
    """A panel of such series: their values by name, or the only one's."""
    made = [
        each if isinstance(each, Series) else series(each, name=name, **options)
        for name, each in zip(names_of(some), some, strict=True)
    ]
    K, P = made[0].known.shape[1], made[0].past.shape[1]
    frequency = options.get("frequency", MONTH)
    return Panel(tuple(made), tuple("kl"[:K]), tuple("pq"[:P]), frequency)


def names_of(some):
    return [""] if len(some) == 1 else [f"s{row}" for row in range(len(some))]


def wave(T, *, period=6, scale=1.0, noise=0.1, seed=0):
    """A season, a trend and noise."""
    t = np.arange(T)
    rng = np.random.default_rng(seed)
    return scale * (10 + 0.05 * t + np.sin(2 * np.pi * t / period) + noise * rng.normal(size=T))
