"""What is expected, and how good earlier forecasts were.  Whether somebody may see it is asked by whoever calls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from allmende.insight import store
from allmende.insight.models import Backtest, Forecast, Series, Site
from allmende.insight.rules import visible_sites
from allmende.insight.values import Resolution
from allmende.partners.rules import Someone


@dataclass(frozen=True, slots=True)
class Expected:
    """What is expected in one period: the middle, and the limits of the 80 and 95 % intervals."""

    at: datetime
    """Its begin (UTC; of months their first day)."""
    low80: float
    median: float
    high80: float
    low95: float
    high95: float


@dataclass(frozen=True, slots=True)
class Tested:
    """How far forecasts of the past were off."""

    made_at: datetime
    origins: int
    wape: float | None
    """Of the forecast one week ahead (months: of all steps); in parts of the figures."""
    naive_wape: float | None
    """Of last week's value (months: of last year's)."""
    median_wape: float | None
    """Of the eight-week median; None for months."""
    within_80: float | None
    within_95: float | None
    figures: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """The forecast of one series, with its judgement."""

    series: Series
    made_at: datetime
    method: str
    inputs: dict[str, Any]
    periods: tuple[Expected, ...]
    why_not: str
    tested: Tested | None


def expected(site_id: int, first: datetime, until: datetime) -> list[Expected]:
    """What is expected by the hour at the site from ``first`` to before ``until``; hours of which nothing is known are left out."""
    row = Forecast.objects.filter(
        series__site=site_id, series__is_main=True, resolution=Resolution.HOUR, steps__gt=0
    ).first()
    return [one for one in _periods(row) if first <= one.at < until] if row else []


def _periods(row: Forecast) -> list[Expected]:
    table = np.frombuffer(row.quantiles, "<f4").reshape(-1, max(1, len(row.levels)))
    begin = store.number_of(row.resolution, row.start)
    column = [row.levels.index(level) for level in (0.1, 0.5, 0.9, 0.025, 0.975)] if row.steps else []
    return [
        Expected(store.begin_of(row.resolution, begin + k), *(float(table[k, c]) for c in column))
        for k in range(len(table))
        if not np.isnan(table[k]).any()
    ]


def backtest_of(site_id: int) -> Tested | None:
    """How good the hourly forecasts of the site's main series were."""
    row = Backtest.objects.filter(series__site=site_id, series__is_main=True).first()
    return _tested(row) if row else None


def _tested(row: Backtest) -> Tested | None:
    if not row.origins:
        return None
    wape = {one["method"]: one["wape"] for one in row.data.get("scores", [])}
    return Tested(
        row.made_at,
        row.origins,
        wape.get("forecast"),
        wape.get("last_week", wape.get("last_season")),
        wape.get("eight_week_median"),
        row.data.get("within_80"),
        row.data.get("within_95"),
        row.data.get("figures", 0),
    )


def site_for(user: Someone, slug: str) -> Site | None:
    """The site, if ``user`` may see its figures."""
    return visible_sites(user).select_related("organisation").filter(slug=slug).first()


def outlooks(site: Site) -> list[Outlook]:
    """All forecasts of a site: by the hour first, then by the month."""
    rows = Series.objects.filter(site=site, forecast__isnull=False).select_related("forecast", "backtest")
    found = [
        Outlook(
            series,
            series.forecast.made_at,
            series.forecast.method,
            series.forecast.inputs,
            tuple(_periods(series.forecast)),
            series.forecast.inputs.get("why_not", ""),
            _tested(series.backtest) if hasattr(series, "backtest") else None,
        )
        for series in rows
    ]
    return sorted(found, key=lambda one: (one.series.resolution != Resolution.HOUR, one.series.pk))


def counted_lately(series: Series, first: datetime, until: datetime) -> list[tuple[datetime, float | None]]:
    """The figures before the forecast, None where there is none, to be drawn beside it."""
    stretch = store.read_stretch(series, first, until)
    return [
        (store.begin_of(series.resolution, stretch.first + k), None if np.isnan(value) else float(value))
        for k, value in enumerate(stretch.usable)
    ]
