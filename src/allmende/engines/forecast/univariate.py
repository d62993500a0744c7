"""Monthly and quarterly series: the median of six methods, drawn to the usual season, with limits from forecasts of the past.

That a combination beats its members is the oldest finding of the field (Bates and Granger 1969); the median of few, unlike ones is
what did best on rolling origins inside the training samples of the tourism competition (Athanasopoulos et al. 2011).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from allmende.engines.forecast import members
from allmende.engines.forecast.scores import covered, mase, wape
from allmende.engines.forecast.values import LEVELS, Array, Judgement, Prediction, Score, TooShort

ORIGINS: Final = 6
SPACING: Final = 3
"""Periods between the origins of the backtest."""
SHAPE: Final = np.array([-1.96, -1.2816, 0.0, 1.2816, 1.96])


def yearly_totals(y: Array, m: int, horizon: int) -> members.Outlook:
    """Years forecast as years (ETS and theta), shared out by the seasons of the last years.

    A temporal hierarchy of two levels: Athanasopoulos, Hyndman, Kourentzes and Petropoulos (2017), EJOR 262.
    """
    n, years, ahead = len(y), len(y) // m, -(-horizon // m)
    if m == 1 or years < 4:
        return members.seasonal_naive(y, m, horizon)
    table = y[n - years * m :].reshape(years, m)
    total = table.sum(axis=1)
    level = (members.ets(total, 1, ahead).ahead + members.dynamic_theta(total, 1, ahead).ahead) / 2
    weight = 0.5 ** np.arange(years)[::-1]
    share = (table / np.maximum(total, 1e-9)[:, None] * weight[:, None]).sum(axis=0) / weight.sum()
    return members.Outlook("years", np.outer(level, share).ravel()[:horizon], np.full(n, np.nan))


def two_years(y: Array, m: int, horizon: int) -> members.Outlook:
    """The mean of the last two years' seasons, both at the level of the last."""
    if len(y) < 3 * m:
        return members.seasonal_naive(y, m, horizon)
    last, before = y[-m:], y[-2 * m : -m]
    scaled = before * last.sum() / before.sum() if before.sum() > 0 else before
    return members.Outlook("two years", np.resize((last + scaled) / 2, horizon), np.full(len(y), np.nan))


Method = Callable[[Array, int, int], members.Outlook]
METHODS: Final[tuple[Method, ...]] = (
    members.ets,
    members.dynamic_theta,
    members.ces,
    members.seasonal_naive,
    yearly_totals,
    two_years,
)


SEASON_YEARS: Final = 8
SEASON_SHARE: Final = 0.4
"""How far the season of the median is drawn to the mean one of so many last years; by earlier ends of the training samples."""


def point_forecast(y: Array, season: int, horizon: int) -> Array:
    """Median of the six methods, drawn to the usual season, (horizon,), not negative."""
    return together(y, season, horizon, METHODS)[0]


def together(y: Array, season: int, horizon: int, methods: Sequence[Method]) -> tuple[Array, list[members.Outlook]]:
    """Median of ``methods``, drawn to the usual season, (horizon,), not negative; and what each of them says."""
    whole_years = -(-horizon // season) * season
    found = [method(y, season, whole_years) for method in methods]
    middle = np.maximum(np.nanmedian(np.array([one.ahead for one in found]), axis=0), 0.0)
    return usual_season(middle, y, season)[:horizon], found


def usual_season(ahead: Array, y: Array, season: int) -> Array:
    """``ahead`` (whole years) with the same mean each year, its season drawn to the mean season of the last years.

    Seasons move slowly, and what one year adds to them is mostly noise; a mean of many years shrinks it (Miller and Williams
    2003, Int. J. Forecasting 19).
    """
    years = min(SEASON_YEARS, len(y) // season)
    if season == 1 or years == 0:
        return ahead
    table = y[len(y) - years * season :].reshape(years, season)
    mean = table.mean(axis=1)
    # With a figure below zero a year's mean may be next to nothing, and its season beyond all measure.
    told = (mean > 0) & (table >= 0).all(axis=1)
    if not told.any():
        return ahead
    usual = (table[told] / mean[told, None]).mean(axis=0)
    level = ahead.reshape(-1, season).mean(axis=1)
    out: Array = (1 - SEASON_SHARE) * ahead + SEASON_SHARE * np.outer(level, usual).ravel()
    return out


def bridged(y: Array, season: int) -> tuple[Array, int]:
    """The series from its first figure to its last, gaps inside bridged, and how many were.

    A gap gets the same season's figure of the years around it.  This feeds the methods only: no bridged figure is ever shown.
    Raises ``TooShort`` with less than two years and two periods of figures, or with more than a third of them missing.
    """
    there = np.flatnonzero(~np.isnan(y))
    least = 2 * season + 2
    if len(there) < least:
        raise TooShort(f"{len(there)} figures; at least {least} are needed")
    z = np.array(y[there[0] : there[-1] + 1], float)
    gaps = np.flatnonzero(np.isnan(z))
    if len(gaps) > len(z) / 3:
        raise TooShort(f"{len(gaps)} of {len(z)} figures are missing")
    known = z.copy()
    middle = float(np.nanmedian(known))
    for t in gaps:
        near = [known[t + k * season] for k in (-1, 1) if 0 <= t + k * season < len(z)]
        near = [v for v in near if not np.isnan(v)]
        z[t] = float(np.mean(near)) if near else middle
    return z, len(gaps)


def past_errors(y: Array, season: int, horizon: int, *, origins: int = ORIGINS) -> tuple[Array, Array, list[int]]:
    """Forecasts and errors (origins × horizon, NaN beyond the sample) made anew at earlier ends of the series."""
    n, least = len(y), 2 * season + 2
    ends = [n - SPACING * (k + 1) for k in range(origins)]
    ends = [end for end in ends if end >= least]
    made = np.full((len(ends), horizon), np.nan)
    off = np.full((len(ends), horizon), np.nan)
    for row, end in enumerate(ends):
        made[row] = point_forecast(y[:end], season, horizon)
        came = y[end : end + horizon]
        off[row, : len(came)] = came - made[row, : len(came)]
    return made, off, ends


def spread(y: Array, errors: Array, season: int, horizon: int) -> Array:
    """Standard error by step, (horizon,): from the errors of the past, grown with the step as they grew, smoothed.

    Errors of one step are few, so that their size at step h is taken as a + b √h, drawn towards the seasonal naive's error.
    """
    steps = np.arange(1, horizon + 1)
    naive = float(np.sqrt(np.mean((y[season:] - y[:-season])[-5 * season :] ** 2))) or 1e-9
    count = (~np.isnan(errors)).sum(axis=0)
    squares = np.nansum(errors**2, axis=0) / np.maximum(count, 1)
    prior = (0.75 * naive) ** 2 * (1 + 0.3 * (steps - 1) / season)
    mixed = (squares * count + prior * 4) / (count + 4)
    # A line through the variances by step: they may grow, not shrink.
    weights = np.sqrt(count + 4)
    slope, level = np.polyfit(steps, mixed, 1, w=weights)
    if slope < 0:
        slope, level = 0.0, float(np.average(mixed, weights=weights))
    out: Array = np.sqrt(np.maximum(level + slope * steps, float(mixed.min()) * 0.25))
    return out


def limits(median: Array, sigma: Array) -> Array:
    """Quantiles (horizon, 5) around ``median``; logarithmic where the spread is large, so that no limit is below zero."""
    relative = np.minimum(sigma / np.maximum(median, 1e-9), 1.5)
    skewed = median[:, None] * np.exp(np.sqrt(np.log1p(relative**2))[:, None] * SHAPE)
    straight = median[:, None] + sigma[:, None] * SHAPE
    use = (relative > 0.25)[:, None] & (median > 0)[:, None]
    out: Array = np.sort(np.maximum(np.where(use, skewed, straight), 0.0), axis=1)
    return out


def forecast_monthly(
    figures: Sequence[float] | Array, *, season: int = 12, horizon: int = 24
) -> tuple[Prediction, Judgement]:
    """Forecast one series of months (``season`` 12) or quarters (4), and judge it by forecasts of the past.

    ``figures``: (n,), NaN where there is none, the last one the newest.  The prediction starts after the last figure that is there.
    Units are those of the figures.  Raises ``TooShort`` if fewer than two years and two periods are there.
    """
    y, gaps = bridged(np.asarray(figures, float), season)
    median = point_forecast(y, season, horizon)
    made, off, ends = past_errors(y, season, horizon)
    sigma = spread(y, off, season, horizon)
    return (
        Prediction(limits(median, sigma), LEVELS, "median of six", {"figures": len(y), "gaps_bridged": gaps}),
        _judge(y, made, off, ends, season),
    )


def _judge(y: Array, made: Array, off: Array, ends: list[int], season: int) -> Judgement:
    horizon = made.shape[1]
    came = made + off
    naive = np.array([np.resize(y[end - season : end], horizon) for end in ends]).reshape(len(ends), horizon)
    inside_80, inside_95 = [], []
    for row in range(len(ends)):
        # The limits of each origin come from the other origins, so that none judges itself.
        others = np.delete(off, row, axis=0)
        q = limits(made[row], spread(y[: ends[row]], others, season, horizon))
        inside_80.append(covered(came[row], q[:, 1], q[:, 3]))
        inside_95.append(covered(came[row], q[:, 0], q[:, 4]))
    scores = tuple(
        Score(name, wape(came.ravel(), f.ravel()), mase(came.ravel(), f.ravel(), y, season))
        for name, f in (("forecast", made), ("last_season", naive))
    )
    return Judgement(
        len(ends), scores if ends else (), float(np.mean(inside_80)) if ends else np.nan,
        float(np.mean(inside_95)) if ends else np.nan, int((~np.isnan(off)).sum()),
    )  # fmt: skip
