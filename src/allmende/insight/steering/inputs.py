"""Figures, what is usual, and forecasts, of many sites at once: one question to the database for each of the three.

*Usual* is the median of the same hour of the same weekday in the eight weeks before; three of them must be there.  Owners' pages
compare with the same season of all years instead (``crowding``): that says how unusual an hour was, this what to expect now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
from django.db.models import QuerySet
from numpy.typing import NDArray

from allmende.core.prepared import prepared
from allmende.insight import store
from allmende.insight.models import Forecast, Series
from allmende.insight.recent import is_fresh, last_figure
from allmende.insight.steering.values import ShownSite
from allmende.insight.values import USABLE, Resolution

Numbers = NDArray[np.float32]
Indices = NDArray[np.int64]

WEEKS: Final = 8
FEWEST: Final = 3
"""Of the eight weeks so many must have a figure for anything to be called usual."""
SURE_FROM: Final = 5
FORECAST_OLD: Final = timedelta(days=3)
"""An older forecast is not called sure,"""
FORECAST_DEAD: Final = timedelta(days=7)
"""and one that is older still is not shown."""
NOTHING: Final = np.int64(-1)


@dataclass(frozen=True, slots=True)
class Last:
    """The last counted hour."""

    number: int
    """Of the hour, since 1970 in UTC."""
    figure: float

    @property
    def until(self) -> datetime:
        return store.begin_of(Resolution.HOUR, self.number + 1)

    def is_fresh(self, now: datetime) -> bool:
        return is_fresh(self.number, now=now)


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual in the hours of some days."""

    figures: Numbers
    """days × 24; NaN where too little is known."""
    weeks: NDArray[np.int64]
    """From how many weeks."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """A forecast by the hour."""

    made_at: datetime
    first: int
    """Number of the first hour."""
    figures: Numbers
    """hours × (low80, median, high80)."""

    def at(self, number: int) -> tuple[float, float, float] | None:
        """(low80, median, high80) of the hour with this number."""
        place = number - self.first
        if not 0 <= place < len(self.figures):
            return None
        low, median, high = (float(value) for value in self.figures[place])
        return None if np.isnan(median) else (low, median, high)


@dataclass(frozen=True, slots=True)
class Inputs:
    """All that is known of one site."""

    measured: store.Stretch
    last: Last | None
    usual: Usual
    ahead: Ahead | None

    def figure(self, number: int) -> float | None:
        """What was counted in the hour with this number."""
        place = number - self.measured.first
        if not 0 <= place < len(self.measured):
            return None
        if int(self.measured.quality[place]) not in USABLE:
            return None
        value = float(self.measured.figures[place])
        return None if np.isnan(value) else value


@lru_cache(maxsize=2048)
def hours_of_day(day: date, zone: str) -> tuple[int, ...]:
    """Numbers of the 24 hours on the clock of a local day; -1 for one that the clock leaves out in spring.

    Of the hour that comes twice in autumn the first is taken.
    """
    local = ZoneInfo(zone)
    first, after = (_number(datetime(one.year, one.month, one.day, tzinfo=local)) for one in (day, day + timedelta(1)))
    if after - first == 24:
        return tuple(range(first, after))
    found = []
    for hour in range(24):
        at = datetime(day.year, day.month, day.day, hour, tzinfo=local)
        is_there = at.astimezone(UTC).astimezone(local).hour == hour
        found.append(_number(at) if is_there else int(NOTHING))
    return tuple(found)


def _number(at: datetime) -> int:
    return store.number_of(Resolution.HOUR, at)


@lru_cache(maxsize=1024)
def _hours_before(first: date, days: int, zone: str) -> Indices:
    """Numbers of the same hours of the same weekdays in the weeks before: days × weeks × 24."""
    return np.array(
        [
            [hours_of_day(first + timedelta(days=ahead - 7 * week), zone) for week in range(1, WEEKS + 1)]
            for ahead in range(days)
        ],
        dtype=np.int64,
    )


def read_inputs(sites: Sequence[ShownSite], first: date, days: int, *, now: datetime) -> dict[int, Inputs]:
    """Site id -> what is known for the local days from ``first``, which is today or later."""
    if not sites:
        return {}
    start = datetime(first.year, first.month, first.day, tzinfo=UTC) - timedelta(days=7 * WEEKS + 1)
    series = [Series(pk=site.series_id, resolution=Resolution.HOUR) for site in sites]
    stretches = store.read_many(series, start, now + timedelta(hours=1))
    forecasts = _forecasts([site.series_id for site in sites if site.shows_forecast], now)
    usual = _usual(sites, stretches, first, days)
    return {
        site.id: Inputs(
            stretches[site.series_id],
            _last(site, stretches[site.series_id], now),
            usual[site.id],
            forecasts.get(site.series_id),
        )
        for site in sites
    }


def _last(site: ShownSite, stretch: store.Stretch, now: datetime) -> Last | None:
    place = last_figure(stretch, is_stock=site.is_stock, now=now)
    return None if place is None else Last(stretch.first + place, float(stretch.figures[place]))


def _usual(
    sites: Sequence[ShownSite], stretches: Mapping[int, store.Stretch], first: date, days: int
) -> dict[int, Usual]:
    by_zone: dict[str, list[ShownSite]] = {}
    for site in sites:
        by_zone.setdefault(site.timezone, []).append(site)
    found: dict[int, Usual] = {}
    for zone, there in by_zone.items():
        figures = np.stack([stretches[site.series_id].usable for site in there])
        numbers = _hours_before(first, days, zone)
        places = numbers - stretches[there[0].series_id].first
        is_inside = (numbers >= 0) & (places >= 0) & (places < figures.shape[1])
        values = np.where(is_inside, figures[:, np.where(is_inside, places, 0)], np.float32(np.nan))
        medians, weeks = _medians(values)
        for place, site in enumerate(there):
            found[site.id] = Usual(medians[place], weeks[place])
    return found


def _medians(values: Numbers) -> tuple[Numbers, Indices]:
    """Median over the last axis but one, without what is missing; NaN where fewer than ``FEWEST`` are there."""
    ordered = np.sort(values, axis=-2)  # NaN goes to the end
    count = (~np.isnan(values)).sum(axis=-2)
    low = np.maximum(count - 1, 0) // 2
    high = np.minimum(count // 2, values.shape[-2] - 1)
    middle = sum(np.take_along_axis(ordered, place[..., None, :], axis=-2)[..., 0, :] for place in (low, high))
    return np.where(count >= FEWEST, middle / np.float32(2), np.float32(np.nan)).astype(np.float32), count


@prepared
def _made_since(series: Sequence[int], moment: datetime) -> QuerySet[Forecast, Any]:
    rows = Forecast.objects.filter(series_id__in=series, resolution=Resolution.HOUR, made_at__gt=moment)
    return rows.values_list("series_id", "made_at", "start", "levels", "quantiles")


def _forecasts(series: Sequence[int], now: datetime) -> dict[int, Ahead]:
    if not series:
        return {}
    rows = _made_since(list(series), now - FORECAST_DEAD)
    found = {}
    for pk, made_at, start, levels, quantiles in rows:
        figures = np.frombuffer(quantiles, "<f4").reshape(-1, len(levels))
        columns = [int(np.abs(np.array(levels) - wanted).argmin()) for wanted in (0.1, 0.5, 0.9)]
        found[pk] = Ahead(made_at, store.number_of(Resolution.HOUR, start), figures[:, columns])
    return found
