"""A structural time series where there is no control, or few: several models averaged, not one believed.

    outcome = level (+ slope) (+ fading deviation) + season + Σ β × regressor + noise

as in Brodersen, Gallusser, Koehler, Remy, Scott (2015), but without sampling: given the ratios of its variances a model is linear and normal,
so its noise is integrated out in closed form (conjugate prior), and its forecast is Student's t.  Every model is taken on a
grid of ratios; all are weighted by their evidence (marginal likelihood), as in Bayesian model averaging (Hoeting, Madigan,
Raftery, Volinsky 1999), and intervals are those of the mixture.  So neither the choice of a model nor a variance is taken for known.

Series are periods long, NaN where there is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
from scipy import optimize, stats

from allmende.engines.evaluation.kalman import filtered
from allmende.engines.evaluation.values import Array

BEGIN: Final = 10.0
"""Prior variance of coefficients of scaled regressors, in units of the noise: weak, yet proper, so that models can be compared."""
WALKS: Final = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
"""Variance of a step of the level, in units of the noise."""
FADINGS: Final = (0.4, 0.7, 0.9)
DEVIATIONS: Final = (0.2, 1.0, 5.0)
YEARLY: Final = (3.0, 30.0)
"""Prior variances of the year's wave, in units of the noise: how strong it is cannot be known from less than a year, and one
that is taken for weak or for strong leads astray, so both are averaged."""
HALF_YEARLY: Final = 0.25
"""Prior variance of the wave of half a year, in that of the year's."""
HARMONICS: Final = 3
"""At most so many waves make a season with many periods (52 weeks, 12 months while there are few years)."""
PRIOR_FREEDOM: Final = 1.0
TREND: Final = 0.25
"""Prior weight of a structure with a slope in weights of one without: a line drawn on is what goes wrong most, so the
figures must ask for it."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One structure with its variance ratios."""

    level: str
    season: str
    regressors: str
    fading: float
    steps: Array
    begin: Array
    loadings: Array
    prior: float

    @property
    def name(self) -> str:
        """What it is made of."""
        return "+".join(part for part in (self.level, self.season, self.regressors) if part)


@dataclass(frozen=True, slots=True)
class Part:
    """What one structure says."""

    name: str
    weight: float
    effect: float
    error: float


@dataclass(frozen=True, slots=True)
class Structural:
    """The averaged answer."""

    effect: float
    """Mean over the periods from the start on that have figures: observed less expected."""
    error: float
    """Standard deviation of the mixture."""
    low: float
    high: float
    p: float
    """Two-sided: twice the smaller share of the mixture on the other side of nil."""
    expected: Array
    """What was to be expected, all periods; before the start one step ahead."""
    parts: tuple[Part, ...]
    """The structures, heaviest first."""


def structural(
    outcomes: Array,
    controls: Array | None,
    start: int,
    *,
    covariates: Array | None = None,
    season: int = 1,
    year: float = 0.0,
    level: float = 0.95,
    models: int = 8,
) -> Structural:
    """The effect on the series ``outcomes`` (periods) from ``start`` on.

    ``controls``: k × periods, series that the treatment does not touch.  ``covariates``: k × periods (weather, holidays).
    ``season``: periods in a cycle, 1 for none.  ``year``: periods in a year where that is longer than the season; visits
    have a year's wave, and where the past is shorter than a year nobody knows it: it is in every model.  ``models``: so many structures are kept, the heaviest.  Missing figures of a
    regressor count as its mean.  Raises ``ValueError`` with fewer than four figures before or none after ``start``.
    """
    before = outcomes[:start]
    known = before[np.isfinite(before)]
    if known.size < 4 or not np.isfinite(outcomes[start:]).any():
        raise ValueError("a structural time series needs at least four figures before and one after the start")
    middle, scale = float(known.mean()), float(known.std())
    scale = scale or 1.0
    series = (outcomes - middle) / scale
    runs = [
        (candidate, *_run(candidate, series, start))
        for candidate in _candidates(series, controls, covariates, start, season, year)
    ]
    weights = np.array([evidence for _, evidence, *_ in runs])
    weights = np.exp(weights - weights.max())
    by_name: dict[str, float] = {}
    for (candidate, *_), weight in zip(runs, weights, strict=True):
        by_name[candidate.name] = by_name.get(candidate.name, 0.0) + float(weight)
    names = sorted(by_name, key=lambda name: -by_name[name])[: max(1, models)]
    kept = [place for place, (candidate, *_) in enumerate(runs) if candidate.name in names]
    weights = weights[kept] / weights[kept].sum()
    effects = np.array([runs[place][2] for place in kept]) * scale
    errors = np.array([runs[place][3] for place in kept]) * scale
    freedom = known.size + PRIOR_FREEDOM
    effect = float(weights @ effects)
    deviation = np.sqrt(weights @ (errors**2 * freedom / max(1.0, freedom - 2.0) + (effects - effect) ** 2))

    def below(value: float) -> float:
        return float(weights @ stats.t.cdf((value - effects) / errors, freedom))

    tail = 0.5 - level / 2.0
    reach = 40.0 * float(errors.max()) + float(np.ptp(effects))
    low = optimize.brentq(lambda value: below(value) - tail, effect - reach, effect + reach)
    high = optimize.brentq(lambda value: below(value) - 1.0 + tail, effect - reach, effect + reach)
    expected = weights @ np.array([runs[place][4] for place in kept]) * scale + middle
    chosen = [runs[place][0].name for place in kept]
    parts = []
    for name in names:
        own = np.array([one == name for one in chosen]) * weights
        share = float(own.sum())
        mean = float(own @ effects / share) if share > 0 else 0.0
        spread = float(np.sqrt(own @ (errors**2 + (effects - mean) ** 2) / share)) if share > 0 else 0.0
        parts.append(Part(name, share, mean, spread))
    nil = below(0.0)
    return Structural(effect, float(deviation), low, high, 2.0 * min(nil, 1.0 - nil), expected, tuple(parts))


def _run(candidate: Candidate, series: Array, start: int) -> tuple[float, float, float, Array]:
    """Log evidence, effect, its scale, what was expected; on the scale of ``series``."""
    predicted = np.empty(series.size)
    squares, logs, learnt, total, variance, number = filtered(
        series, candidate.loadings, candidate.fading, candidate.steps, candidate.begin, start, predicted
    )
    freedom = PRIOR_FREEDOM + learnt
    sum_of_squares = PRIOR_FREEDOM * 0.1 + squares
    evidence = np.log(candidate.prior) - 0.5 * logs - 0.5 * freedom * np.log(sum_of_squares)
    observed = float(np.nanmean(series[start:]))
    error = np.sqrt(sum_of_squares / freedom * variance) / number
    return float(evidence), observed - total / number, float(error), predicted


def _candidates(
    series: Array, controls: Array | None, covariates: Array | None, start: int, season: int, year: float
) -> Iterator[Candidate]:
    """Every structure on its grid of ratios, with prior weights: structures evenly, and evenly within each."""
    known = int(np.isfinite(series[:start]).sum())
    levels = list(_levels(known))
    seasons = list(_seasons(series.size, known, season))
    regressors = list(_regressors(series, controls, covariates, start))
    yearly = _year(series.size, year)
    regressors = [(label, np.vstack([yearly, columns])) for label, columns in regressors]
    for (level, fading, walk, slope, deviation, share), (name, waves, wave_walk), (label, columns), strength in product(
        levels, seasons, regressors, YEARLY if yearly.size else (0.0,)
    ):
        size = 3 + waves.shape[0] + columns.shape[0]
        loadings = np.zeros((series.size, size))
        loadings[:, 0], loadings[:, 2] = 1.0, 1.0
        loadings[:, 3 : 3 + waves.shape[0]] = waves.T
        loadings[:, 3 + waves.shape[0] :] = columns.T
        steps, begin = np.zeros(size), np.full(size, BEGIN)
        steps[0], begin[0] = walk, 10.0 * BEGIN
        begin[1] = slope
        steps[2] = deviation
        begin[2] = deviation / (1.0 - fading**2)
        if yearly.size:
            first = 3 + waves.shape[0]
            begin[first : first + 2], begin[first + 2 : first + 4] = strength, strength * HALF_YEARLY
        steps[3 : 3 + waves.shape[0]] = wave_walk
        yield Candidate(level, name, label, fading, steps, begin, loadings, share)


def _levels(known: int) -> Iterator[tuple[str, float, float, float, float, float]]:
    """Name, fading, variance of the level's step, of the slope, of the deviation's step, prior weight."""
    slope = BEGIN * 4.0 / max(1, known) ** 2
    yield "constant", 0.0, 0.0, 0.0, 0.0, 1.0
    yield "trend", 0.0, 0.0, slope, 0.0, TREND
    for walk in WALKS:
        yield "walk", 0.0, walk, 0.0, 0.0, 1.0 / len(WALKS)
        yield "walk_trend", 0.0, walk, slope, 0.0, TREND / len(WALKS)
    grid = list(product(FADINGS, DEVIATIONS))
    for fading, deviation in grid:
        yield "fading", fading, 0.0, 0.0, deviation, 1.0 / len(grid)
        yield "fading_trend", fading, 0.0, slope, deviation, TREND / len(grid)
        yield "fading_walk", fading, 1e-3, 0.0, deviation, 1.0 / len(grid)


def _seasons(periods: int, known: int, season: int) -> Iterator[tuple[str, Array, float]]:
    """Name, waves × periods, variance of their steps."""
    if season < 2 or known < 2 * season:
        yield "", np.empty((0, periods)), 0.0
        return
    full = season // 2
    waves = full if known >= 3 * season and season <= 12 else min(full, HARMONICS)
    angles = 2.0 * np.pi * np.arange(periods) / season
    rows = [wave(number * angles) for number in range(1, waves + 1) for wave in (np.cos, np.sin)]
    if season % 2 == 0 and waves == full:
        rows.pop()  # The sine of the fastest wave is nil at whole periods.
    columns = np.array(rows)
    yield "", np.empty((0, periods)), 0.0
    yield "season", columns, 0.0
    yield "moving_season", columns, 1e-3


def _year(periods: int, year: float) -> Array:
    """The wave of a year and of half a year × periods."""
    if year <= 0:
        return np.empty((0, periods))
    angles = 2.0 * np.pi * np.arange(periods) / year
    return np.array([wave(number * angles) for number in (1, 2) for wave in (np.cos, np.sin)])


def _regressors(
    series: Array, controls: Array | None, covariates: Array | None, start: int
) -> Iterator[tuple[str, Array]]:
    """Name, regressors × periods on the scale of one."""
    known = np.isfinite(series[:start])
    extra = _scaled(covariates, start) if covariates is not None else np.empty((0, series.size))
    extras = [("", np.empty((0, series.size)))] + ([("covariates", extra)] if extra.size else [])
    for label, columns in extras:
        yield label, columns
        if controls is None or controls.shape[0] == 0:
            continue
        scaled = _scaled(controls, start)
        if scaled.shape[0] == 0:
            continue
        joined = f"{label}+" if label else ""
        yield f"{joined}mean_control", np.vstack([columns, _scaled(scaled.mean(axis=0)[None], start)])
        if scaled.shape[0] > 1:
            own = np.where(known, series[:start], 0.0)
            order = np.argsort(-np.abs(scaled[:, :start] @ own))
            for number in (1, 3):
                if number < scaled.shape[0] and number * 5 <= known.sum():
                    yield f"{joined}{number}_controls", np.vstack([columns, scaled[order[:number]]])
            if scaled.shape[0] * 5 <= known.sum() and scaled.shape[0] <= 20:
                yield f"{joined}all_controls", np.vstack([columns, scaled])


def _scaled(columns: Array, start: int) -> Array:
    """Rows with mean 0 and spread 1 before the start; constant ones are left out, gaps are the mean."""
    with np.errstate(invalid="ignore"):
        usable = columns[np.isfinite(columns[:, :start]).any(axis=1)]
        middle = np.nanmean(usable[:, :start], axis=1, keepdims=True)
        spread = np.nanstd(usable[:, :start], axis=1, keepdims=True)
    is_moving = spread[:, 0] > 1e-12
    scaled: Array = np.nan_to_num((usable - middle)[is_moving] / spread[is_moving])
    return scaled
