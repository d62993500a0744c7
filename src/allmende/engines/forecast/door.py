"""Hourly forecasts with limits, and how good they were."""

from __future__ import annotations

from typing import Final

import numpy as np

from allmende.engines.forecast import hourly
from allmende.engines.forecast.hourly import LEAST_DAYS, MOST_DAYS_AHEAD, Days, Ints, Past
from allmende.engines.forecast.scores import mase, wape
from allmende.engines.forecast.values import LEVELS, Array, Judgement, Prediction, Score, TooShort

TEST_WEEKS: Final = 26
SHARES: Final = (0.6, 0.3, 0.1)
"""Weights of the trees, the three-week median and the last week; by forecasts of the year before the one that is measured."""
MOST_LOG_ERROR: Final = 3.0


def _mixed(past: Past, trees: hourly.Trees | None, day: Ints, lead: Ints) -> tuple[Array, Array]:
    made, base = hourly.expect(past, trees, day, lead)
    if trees is None:
        return made, base
    recent, last = past.lately(day, lead)
    mixed = SHARES[0] * made + SHARES[1] * recent + SHARES[2] * last
    # Of a holiday the last weeks know nothing.
    return np.where(past.calendar.holiday[day][:, None], made, mixed), base


def forecast_hourly(figures: Array, calendar: Days, *, days: int = MOST_DAYS_AHEAD) -> tuple[Prediction, Judgement]:
    """Forecast the next ``days`` (at most 14) × 24 hours of one site, and judge the method on its last half year.

    ``figures``: (known days, 24) by local day and hour, NaN where there is none; the last row is the last day known in full.
    ``calendar``: for at least known + ``days`` days from the first row on.  Quantiles come as (days × 24, levels), in the unit of
    the figures; NaN where the hour of the week has no median.  Raises ``TooShort`` under four weeks, ``ValueError`` if the
    calendar does not reach far enough or ``days`` is out of range.

    The limits are the quantiles of the log errors of the last half year, forecast with what was learned before it (split
    conformal prediction: Lei et al. 2018, JASA 113), by week ahead and by part of the day.  They are as much wider or narrower
    as a simple method was more or less off in the whole year than in that half of it (normalised residuals, ibid., section 5.2).
    """
    known = len(figures)
    if known < LEAST_DAYS:
        raise TooShort(f"{known} days; at least {LEAST_DAYS} are needed")
    if not 1 <= days <= MOST_DAYS_AHEAD:
        raise ValueError(f"{days} days ahead; from 1 to {MOST_DAYS_AHEAD} can be forecast")
    if len(calendar) < known + days:
        raise ValueError("the calendar does not reach to the last day that is forecast")
    past = Past(figures, calendar)
    errors, judgement = _test(past, known)
    trees = hourly.learn(past, known)
    day, lead = np.arange(known, known + days), np.arange(1, days + 1)
    made, _ = _mixed(past, trees, day, lead)
    # A half year holds one summer or one winter; the next weeks may belong to the other.
    quantiles = _limits(made, errors * past.year_to_stretch(7 * judgement.origins))
    notes: dict[str, object] = {"days": known, "learned": trees is not None, "columns": calendar.more.shape[1]}
    method = "trees, three-week median and last week" if trees else "eight-week median"
    return Prediction(quantiles, LEVELS, method, notes), judgement


def backtest(figures: Array, calendar: Days) -> Judgement:
    """How good the hourly forecast was in the last half year; shapes as for ``forecast_hourly``."""
    return _test(Past(figures, calendar), len(figures))[1]


PARTS: Final = np.repeat([0, 1, 2, 3], 6)
"""Night, morning, afternoon, evening: the part of the day of each hour."""


def _test(past: Past, known: int) -> tuple[Array, Judgement]:
    """Quantiles of the log errors, (2 weeks × 4 parts × levels), and the judgement."""
    weeks = int(np.clip((known - 7 * (hourly.WEEKS + 2)) // 14, 0, TEST_WEEKS))
    if weeks < 2:
        return np.broadcast_to(np.array([-1.5, -0.8, 0.0, 0.8, 1.5]), (2, 4, 5)), Judgement(0, (), np.nan, np.nan, 0)
    begin = known - 7 * weeks
    trees = hourly.learn(past, begin)
    origin = begin + 7 * np.arange(weeks)
    tables = []
    for week in (0, 1):
        day = (origin[:, None] + 7 * week + np.arange(7)).ravel()
        lead = np.tile(7 * week + np.arange(1, 8), weeks)
        keep = day < known
        made, base = _mixed(past, trees, day[keep], lead[keep])
        tables.append((day[keep], made, base))
    errors = np.stack([_log_errors(past.full[day], made) for day, made, _ in tables])
    day, made, base = tables[0]
    came = past.full[day]
    return errors, _judge(past, day, came, made, base)


def _log_errors(came: Array, made: Array, rows: Array | None = None) -> Array:
    off = np.log((came + hourly.SMALL) / (made + hourly.SMALL))
    off = off if rows is None else off[rows]
    out = np.empty((4, len(LEVELS)))
    for part in range(4):
        there = off[:, part == PARTS].ravel()
        there = np.clip(there[~np.isnan(there)], -MOST_LOG_ERROR, MOST_LOG_ERROR)
        if len(there) < 20:
            out[part] = [-1.5, -0.8, 0.0, 0.8, 1.5]
            continue
        # The finite-sample correction of conformal prediction: a little wider than the plain quantiles.
        n = len(there) / 6
        wanted = [min(1.0, max(0.0, 0.5 + (p - 0.5) * (1 + 1 / n))) for p in LEVELS]
        out[part] = np.quantile(there, wanted)
    return out


def _limits(made: Array, errors: Array) -> Array:
    week = np.minimum(np.arange(len(made)) // 7, 1)
    shift = errors[week][:, PARTS]
    # The middle stays the forecast: a bias of half a year is no forecast of the next one.
    shift = shift - shift[..., 2:3] * np.array([0.5, 0.5, 1.0, 0.5, 0.5])
    out = (made[..., None] + hourly.SMALL) * np.exp(shift) - hourly.SMALL
    result: Array = np.sort(np.maximum(out, 0.0), axis=-1).reshape(-1, len(LEVELS))
    return result


def _judge(past: Past, day: Ints, came: Array, made: Array, base: Array) -> Judgement:
    last = past.full[day - 7]
    y = past.full[: past.known].ravel()
    scores = tuple(
        Score(name, wape(came, f), mase(came.ravel(), f.ravel(), y, 168))
        for name, f in (("forecast", made), ("last_week", last), ("eight_week_median", base))
    )
    # Limits from every other week judge the weeks between.
    even = (np.arange(len(day)) // 7) % 2 == 0
    inside = np.full((2, *came.shape), np.nan)
    for rows, others in ((even, ~even), (~even, even)):
        q = _log_errors(came, made, others)[PARTS]
        low_high = (made[rows][..., None] + hourly.SMALL) * np.exp(q) - hourly.SMALL
        for k, (low, high) in enumerate(((1, 3), (0, 4))):
            within = (came[rows] >= low_high[..., low] - 1e-9) & (came[rows] <= low_high[..., high] + 1e-9)
            inside[k, rows] = np.where(np.isnan(came[rows]) | np.isnan(made[rows]), np.nan, within)
    by_step = tuple((k + 1, wape(came[k::7], made[k::7])) for k in range(7))
    figures = int((~np.isnan(inside[0])).sum())
    within = [float(np.nanmean(one)) if figures else np.nan for one in inside]
    return Judgement(len(day) // 7, scores, within[0], within[1], figures, by_step)
