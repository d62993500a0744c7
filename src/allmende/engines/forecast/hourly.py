"""The doors of hourly forecasts: of one site, or of several that learn together; with limits, and how good they were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from allmende.engines.forecast.hourly_known import effect
from allmende.engines.forecast.hourly_limits import MOST_LOG_ERROR, PARTS, UNKNOWN, limits, log_errors
from allmende.engines.forecast.hourly_past import SMALL, WEEKS, Days, Ints, Past
from allmende.engines.forecast.hourly_trees import Grown, Pool
from allmende.engines.forecast.scores import mase, wape
from allmende.engines.forecast.values import (
    LEAST_DAYS,
    LEVELS,
    MOST_DAYS_AHEAD,
    Array,
    Judgement,
    Prediction,
    Score,
    TooShort,
)

__all__ = ["Case", "backtest", "forecast_hourly", "forecast_together"]
TEST_WEEKS: Final = 26
SHARES: Final = (0.75, 0.19, 0.06)
"""Weights of the trees, the three-week median and the last week."""


@dataclass(frozen=True, slots=True)
class Case:
    """One site to be forecast."""

    figures: Array
    """(known days, 24) by local day and hour, NaN where there is none; the last row is the last day known in full."""
    calendar: Days
    """For at least the known days and the days ahead, from the first row on."""


Answer = tuple[Prediction, Judgement]


def forecast_hourly(figures: Array, calendar: Days, *, days: int = MOST_DAYS_AHEAD) -> Answer:
    """Forecast the next ``days`` (at most 14) × 24 hours of one site, and judge the method on its last half year.

    Shapes as in ``Case``.  Quantiles come as (days × 24, levels), in the unit of the figures; NaN where the hour of the week has no
    median.  Raises ``TooShort`` under four weeks, ``ValueError`` if the calendar does not reach far enough or ``days`` is out of
    range.
    """
    answer = forecast_together([Case(figures, calendar)], days=days)[0]
    if isinstance(answer, TooShort):
        raise answer
    return answer


def backtest(figures: Array, calendar: Days) -> Judgement:
    """How good the hourly forecast was in the last half year; shapes as for ``forecast_hourly``."""
    return forecast_hourly(figures, calendar, days=min(MOST_DAYS_AHEAD, max(1, len(calendar) - len(figures))))[1]


def forecast_together(cases: Sequence[Case], *, days: int = MOST_DAYS_AHEAD, seed: int = 1) -> list[Answer | TooShort]:
    """The same for sites that learn together, best of one town: an answer for each, ``TooShort`` for those with too few days.

    Eight sites are a good number: twice as many cost twice as much and know little more.  The same cases in the same order give
    the same answers.  Raises ``ValueError`` as ``forecast_hourly`` does.
    """
    if not 1 <= days <= MOST_DAYS_AHEAD:
        raise ValueError(f"{days} days ahead; from 1 to {MOST_DAYS_AHEAD} can be forecast")
    if any(len(case.calendar) < len(case.figures) + days for case in cases if len(case.figures) >= LEAST_DAYS):
        raise ValueError("the calendar does not reach to the last day that is forecast")
    long = [k for k, case in enumerate(cases) if len(case.figures) >= LEAST_DAYS]
    answers: list[Answer | TooShort] = [
        TooShort(f"{len(case.figures)} days; at least {LEAST_DAYS} are needed") for case in cases
    ]
    if not long:
        return answers
    sites = [_site(cases[k]) for k in long]
    pool = Pool([site.past for site in sites], test_days=7 * max(site.weeks for site in sites), seed=seed)
    # What was learned for the test knows no site after the first day that is tested at any of them.
    tested = pool.learn(min(site.raw.calendar.first + site.tested_from for site in sites))
    learned = pool.learn(max(site.raw.calendar.first + site.raw.known for site in sites))
    for place, (k, site) in enumerate(zip(long, sites, strict=True)):
        errors, judgement = _test(pool, place, site, tested[place])
        known = site.raw.known
        made = _mixed(pool, place, site, learned[place], np.arange(known, known + days), np.arange(1, days + 1))
        errors = np.clip(errors * site.past.year_to_stretch(7 * judgement.origins), -MOST_LOG_ERROR, MOST_LOG_ERROR)
        quantiles = limits(made, errors).reshape(-1, len(LEVELS))
        knows = learned[place] is not None
        notes: dict[str, object] = {
            "days": known, "learned": knows, "columns": site.raw.calendar.more.shape[1],
            "columns_used": site.factor is not None, "together": len(long),
        }  # fmt: skip
        method = "trees, three-week median and last week" if knows else "eight-week median"
        answers[k] = Prediction(quantiles, LEVELS, method, notes), judgement
    return answers


@dataclass(frozen=True, slots=True)
class Site:
    """One site while it is forecast."""

    raw: Past
    past: Past
    """Without the effect of what is known in advance; ``raw`` where there is none."""
    factor: Array | None
    """That effect, (days of the calendar × 24)."""
    weeks: int
    """Weeks of the test."""

    @property
    def tested_from(self) -> int:
        """First day of the test."""
        return self.raw.known - 7 * self.weeks


def _site(case: Case) -> Site:
    raw = Past(case.figures, case.calendar)
    weeks = int(np.clip((raw.known - 7 * (WEEKS + 2)) // 14, 0, TEST_WEEKS))
    weeks = weeks if weeks > 1 else 0
    factor = effect(raw, raw.known - 7 * weeks)
    if factor is None:
        return Site(raw, raw, None, weeks)
    # Not cut off at zero, so that the factor gives back what it took.
    return Site(raw, Past((case.figures + SMALL) / factor[: raw.known] - SMALL, case.calendar), factor, weeks)


def _mixed(pool: Pool, place: int, site: Site, learned: Grown | None, day: Ints, lead: Ints) -> Array:
    """What is expected, (days × 24)."""
    made, _ = pool.expect(place, learned, day, lead)
    if learned is not None:
        recent, last = site.past.lately(day, lead)
        mixed = SHARES[0] * made + SHARES[1] * recent + SHARES[2] * last
        # Of a holiday the last weeks know nothing.
        made = np.where(site.past.calendar.holiday[day][:, None], made, mixed)
    if site.factor is not None:
        made = (made + SMALL) * site.factor[day] - SMALL
    return np.maximum(0.0, made)


def _test(pool: Pool, place: int, site: Site, learned: Grown | None) -> tuple[Array, Judgement]:
    """Quantiles of the log errors, (2 weeks × 4 parts × levels), and the judgement."""
    if not site.weeks:
        return np.broadcast_to(UNKNOWN, (2, 4, len(LEVELS))), Judgement(0, (), np.nan, np.nan, 0)
    raw = site.raw
    origin = site.tested_from + 7 * np.arange(site.weeks)
    tables = []
    for week in (0, 1):
        day = (origin[:, None] + 7 * week + np.arange(7)).ravel()
        lead = np.tile(7 * week + np.arange(1, 8), site.weeks)
        keep = day < raw.known
        tables.append((day[keep], _mixed(pool, place, site, learned, day[keep], lead[keep])))
    errors = np.stack([log_errors(raw.full[day], made) for day, made in tables])
    day, made = tables[0]
    return errors, _judge(raw, day, raw.full[day], made, raw.base[0][day])


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
        q = log_errors(came, made, others)[PARTS]
        low_high = (made[rows][..., None] + SMALL) * np.exp(q) - SMALL
        for k, (low, high) in enumerate(((1, 3), (0, 4))):
            within = (came[rows] >= low_high[..., low] - 1e-9) & (came[rows] <= low_high[..., high] + 1e-9)
            inside[k, rows] = np.where(np.isnan(came[rows]) | np.isnan(made[rows]), np.nan, within)
    by_step = tuple((k + 1, wape(came[k::7], made[k::7])) for k in range(7))
    figures = int((~np.isnan(inside[0])).sum())
    within = [float(np.nanmean(one)) if figures else np.nan for one in inside]
    return Judgement(len(day) // 7, scores, within[0], within[1], figures, by_step)
