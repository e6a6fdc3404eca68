"""Which linear model a series has: the one with the largest evidence.

The evidence is the probability of the series with the coefficients and the errors' variance integrated out
(conjugate priors: Bishop 2006, "Pattern recognition and machine learning", section 3.5).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ostinato.data.forecasting._arma import Arma, innovations
from ostinato.data.forecasting._filter import log_evidence, run_filter
from ostinato.data.forecasting._regression import Regression
from ostinato.data.forecasting._terms import Terms
from ostinato.data.forecasting._variance import choose_forgetting, first_variance

NEWEST = 4096  # values that are looked at
_ERRORS = [
    Arma(0.0, 0.0),
    Arma(-0.4, 0.0),
    *(Arma(1.0, theta) for theta in (0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 0.98, 0.995)),
    *(
        Arma(phi, theta)
        for phi in (0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98)
        for theta in (0.0, 0.3, 0.6, 0.8)
        if theta < phi
    ),
    *(Arma(phi, 0.0, rho) for phi in (0.8, 0.9, 0.95) for rho in (0.3, 0.5, 0.7)),
    *(
        Arma(1.0, theta, rho)
        for rho in (0.3, 0.5, 0.7, 0.85, 0.95)
        for theta in (0.0, 0.3, 0.6)
        if theta < rho
    ),
]
_SLOPES = (0.0, 0.003, 0.03, 0.3)
_RIDGES = (0.01, 0.1, 1.0, 10.0)
_DRIFTS = (0.1, 0.3, 1.0)  # of seasons that change
_DRIFTING = 2000  # values, the newest, that tell it
_WHILE_DRIFTING = [Arma(phi, 0.0) for phi in (0.0, 0.5, 0.8, 0.95, 1.0)]  # errors, beside the best without
_WORTH_IT = 3.0  # nats that a drift must gain
_MIXED = 4  # models of the errors
_REFINED = 4  # times that the growth of seasons is taken from the trend that was found with it
_NEAR = 2.5  # nats by which they may be less likely than the best
# Nats that no trend is likelier than one beforehand, a random walk than what returns, and one root than two.
_SIMPLER = 1.5
_ENOUGH = 0.1  # nats that a further round must gain
_AT_A_TIME = 1 << 22  # numbers
_LEAST_LINE = 0.2  # of the mean: a line that falls below does not tell how seasons grow


@dataclass(frozen=True)
class _Candidate:
    """What is chosen; `slope` 0: no trend."""

    seasons: tuple[int, ...]
    growth: float
    slope: float
    ridge: float
    errors: Arma


class _Search:
    """The evidence of candidates, each worked out once.

    Args:
        values: (T,) centred and scaled, NaN where missing.
        steps: (T,) when they are.
        covariates: (T, K).
    """

    def __init__(
        self, values: NDArray[np.float64], steps: NDArray[np.int64], covariates: NDArray[np.float32]
    ) -> None:
        self.values, self.steps, self.covariates = values, steps, covariates
        self.observed = ~np.isnan(values)
        self.count = int(np.count_nonzero(self.observed))
        self.known: dict[_Candidate, float] = {}
        self.products: dict[tuple[Any, ...], tuple[Terms, dict[Arma, NDArray[np.float64]]]] = {}

    def evidence(self, candidate: _Candidate) -> float:
        """Its logarithm with that of the odds beforehand, up to what all candidates share."""
        if candidate not in self.known:
            terms, products = self._products(candidate.seasons, candidate.growth)
            gram = products[candidate.errors]
            penalties = terms.penalties(candidate.ridge, candidate.slope or 1.0)
            if candidate.slope == 0:  # without the trend
                gram, penalties = np.delete(np.delete(gram, 1, 0), 1, 1), np.delete(penalties, 1)
            errors = candidate.errors
            odds = _SIMPLER * ((candidate.slope == 0) + (errors.phi == 1) + (errors.rho == 0))
            self.known[candidate] = _log_evidence(gram, self.count, penalties) + odds
        return self.known[candidate]

    def line(self, candidate: _Candidate) -> tuple[float, float]:
        """Where the trend of a candidate begins, and its slope."""
        terms, products = self._products(candidate.seasons, candidate.growth)
        gram = products[candidate.errors]
        penalties = terms.penalties(candidate.ridge, candidate.slope)
        coefficients = np.linalg.solve(gram[:-1, :-1] + np.diag(penalties), gram[:-1, -1])
        return float(coefficients[0]), float(coefficients[1])

    def _products(
        self, seasons: tuple[int, ...], growth: float
    ) -> tuple[Terms, dict[Arma, NDArray[np.float64]]]:
        """The terms, and for each model of the errors the products (p + 1, p + 1) of innovations."""
        if (seasons, growth) not in self.products:
            terms = Terms(seasons, True, self.covariates.shape[1], growth)
            columns = np.column_stack([terms.rows(self.steps, self.covariates), self.values])
            columns[~self.observed] = 0.0
            products: dict[Arma, NDArray[np.float64]] = {}
            some = max(1, _AT_A_TIME // columns.size)
            for begin in range(0, len(_ERRORS), some):
                errors = _ERRORS[begin : begin + some]
                e = innovations(columns, self.observed, errors)
                products.update((each, e[:, n].T @ e[:, n]) for n, each in enumerate(errors))
            self.products[seasons, growth] = terms, products
        return self.products[seasons, growth]


def choose_regression(
    values: NDArray[np.float64], seasons: Sequence[int], covariates: NDArray[np.float32]
) -> tuple[float, Regression]:
    """The evidence of the best linear model, and that model.

    Found one parameter after the other, round after round while that helps much. Of several models of the
    errors that explain the series about as well, all are taken, each with its probability.

    Args:
        values: (T,), NaN where missing, one at least there.
        seasons: those it may have.
        covariates: (T, K), or more.
    """
    begin = max(0, len(values) - NEWEST)
    newest, steps = values[begin:], np.arange(begin, len(values))
    centre, deviation = float(np.nanmean(newest)), float(np.nanstd(newest))
    scale = deviation if deviation > 1e-9 * abs(centre) else abs(centre) or 1.0
    search = _Search((newest - centre) / scale, steps, covariates[begin : len(values)])
    best, score = _climb(search, _axes(newest, steps, seasons), centre / scale)
    likely = [(search.evidence(replace(best, errors=errors)), errors) for errors in _ERRORS]
    model = Regression(
        Terms(best.seasons, best.slope > 0, covariates.shape[1], best.growth),
        best.ridge,
        best.slope or 1.0,
        0.0,
        *_mixed(likely),
        0.0,
        centre,
        scale,
        1.0,
    )
    gain, model = _drifting(model, values, covariates)
    alone = replace(model, errors=model.errors[:1], weights=(1.0,))
    squares = run_filter(alone, values, covariates, np.zeros(0, np.int64), 1).squares
    forgetting = choose_forgetting(squares)
    model = replace(model, forgetting=forgetting, variance=first_variance(squares))
    return score + gain - np.count_nonzero(~np.isnan(newest)) * math.log(scale), model


def _mixed(likely: list[tuple[float, Arma]]) -> tuple[tuple[Arma, ...], tuple[float, ...]]:
    """Those models of the errors, of many with their evidence, that are near the best; and their weights."""
    likely = sorted(likely, reverse=True)[:_MIXED]
    near = [(evidence, errors) for evidence, errors in likely if evidence > likely[0][0] - _NEAR]
    weights = np.exp([evidence - likely[0][0] for evidence, _ in near])
    return tuple(errors for _, errors in near), tuple((weights / weights.sum()).tolist())


def _drifting(
    model: Regression, values: NDArray[np.float64], covariates: NDArray[np.float32]
) -> tuple[float, Regression]:
    """What a drift of the seasons adds to the evidence, and the model with it; 0 and the model as it was."""
    if not model.terms.seasons:
        return 0.0, model
    begin = max(0, len(values) - _DRIFTING)
    newest, going = values[begin:], covariates[begin : len(values)]

    def evidence(drift: float, errors: Arma) -> float:
        return log_evidence(replace(model, drift=drift), errors, newest, going)

    still = evidence(0.0, model.errors[0])
    drift = max(_DRIFTS, key=lambda drift: evidence(drift, model.errors[0]))
    some = dict.fromkeys([*model.errors, *_WHILE_DRIFTING])
    likely = [(evidence(drift, errors), errors) for errors in some]
    gain = max(likely)[0] - still - _WORTH_IT
    if gain <= 0:
        return 0.0, model
    errors, weights = _mixed(likely)
    return gain, replace(model, drift=drift, errors=errors, weights=weights)


def _axes(
    values: NDArray[np.float64], steps: NDArray[np.int64], seasons: Sequence[int]
) -> list[list[dict[str, Any]]]:
    """What may be chosen for each parameter."""
    growth = _growth(values, steps) if seasons else 0.0
    return [
        [{"errors": errors} for errors in _ERRORS],
        [{"seasons": tuple(seasons[:count])} for count in range(len(seasons) + 1)],
        [{"growth": each} for each in dict.fromkeys((0.0, growth))],
        [{"slope": slope} for slope in _SLOPES],
        [{"ridge": ridge} for ridge in _RIDGES],
    ]


def _climb(search: _Search, axes: list[list[dict[str, Any]]], offset: float) -> tuple[_Candidate, float]:
    """The best candidate and its evidence; `offset` is what was taken from the values that are searched."""
    best = _Candidate(axes[1][-1]["seasons"], 0.0, 0.03, 1.0, Arma(1.0, 0.8))
    score, before = search.evidence(best), -math.inf
    while score > before + _ENOUGH:
        before = score
        for axis in axes:
            for choice in axis:
                candidate = replace(best, **choice)
                evidence = search.evidence(candidate)
                if evidence > score:
                    best, score = candidate, evidence
        for _ in range(_REFINED if best.growth and best.slope else 0):
            start, slope = search.line(best)
            candidate = replace(best, growth=_share(slope, start + offset))
            evidence = search.evidence(candidate)
            if evidence < score + _ENOUGH:
                break
            best, score = candidate, evidence
    return best, score


def _share(slope: float, start: float) -> float:
    """The growth in each step as a share of the start, where that makes sense; else 0."""
    return float(np.clip(slope / start, -1.0, 1.0)) if start > 0 else 0.0


def _log_evidence(gram: NDArray[np.float64], count: int, penalties: NDArray[np.float64]) -> float:
    """-½ log|I + Λ⁻¹G| - n/2 log(S/n), S = y·y - b'(G + Λ)⁻¹b."""
    G, b, yy = gram[:-1, :-1], gram[:-1, -1], gram[-1, -1]
    L = np.linalg.cholesky(G + np.diag(penalties))
    w = np.linalg.solve(L, b)
    S = max(yy - w @ w, 1e-12 * yy + 1e-300)
    log_determinant = np.log(np.diag(L)).sum() - np.log(penalties).sum() / 2
    return float(-log_determinant - count / 2 * np.log(S / count))


def _growth(values: NDArray[np.float64], steps: NDArray[np.int64]) -> float:
    """The slope of the line through a series as a share of its first value; 0 where it comes near 0."""
    there = ~np.isnan(values)
    if np.count_nonzero(there) < 2:
        return 0.0
    slope, intercept = np.polyfit(steps[there], values[there], 1)
    line = intercept + slope * steps
    mean = values[there].mean()
    if mean <= 0 or line.min() <= _LEAST_LINE * mean:
        return 0.0
    return _share(slope, intercept)
