"""Weather as columns of an hourly forecast: as it was observed, then as it is expected, then as it usually is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from allmende.insight.models import Site
from allmende.insight.weather import store
from allmende.insight.weather.days import Table, table_of, usual
from allmende.insight.weather.queries import FORECAST_HOLDS, Near, near

LEAST_PAST: Final = 180
"""Days of the past whose weather must be known before a forecast learns from it."""
SHARE: Final = 0.7
"""A column that is known on fewer days of that past is left out."""
LEAD: Final = 3
"""Days before, at which a past day's weather is taken as it was forecast: the middle of the first week."""
TESTED: Final = 182
"""Days of the past on which a forecast is tested."""
Columns = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class WeatherColumns:
    """Columns by local day, and what is said of them."""

    columns: list[Columns] = field(default_factory=list)
    notes: dict[str, Any] = field(default_factory=dict)


def weather_columns(site: Site, first: date, days: int, *, now: datetime, ahead: int) -> WeatherColumns:
    """The warmest hour (°C), rain (mm) and sunshine (hours; where no station measures it, the clear part of the sky in %) of
    each local day from ``first`` on; the last ``ahead`` days are those that are forecast.

    Past days are as they were forecast three days before, where forecasts of then are kept, else as observed.  Days ahead are as the newest delivered forecast says, and beyond it the mean of the same week of
    earlier years.  No columns where too little of the past is known, or no forecast is delivered.
    """
    observed, forecast = near(site)
    if observed is None:
        return WeatherColumns(notes={"weather_not": "none"})
    issue = store.newest_forecast(forecast.station.pk, now=now) if forecast else None
    if forecast is None or issue is None or now - issue.issued_at > FORECAST_HOLDS:
        return WeatherColumns(notes={"weather_not": "no_forecast"})
    zone = ZoneInfo(site.timezone)
    begin = _midnight(first, zone)
    until = _midnight(first + timedelta(days=days), zone)
    values = store.read_observed(observed.station.pk, begin, until)
    past = days - ahead
    as_forecast = _as_forecast(values, begin, forecast, first, past, zone)
    seen = table_of(values, begin, zone, first, days)
    both = table_of(_with_issue(values, begin, issue), begin, zone, first, days)
    made: dict[str, Columns] = {}
    expected_until = past
    for name, of_seen, of_both in zip(
        ("temperature", "precipitation", "sunshine"), _daily(seen), _daily(both), strict=True
    ):
        recent = of_seen[max(0, past - 365) : past]
        if np.isfinite(of_seen[:past]).sum() < LEAST_PAST or np.isfinite(recent).mean() < SHARE:
            continue
        column = np.concatenate((of_seen[:past], of_both[past:]))
        known = np.flatnonzero(np.isfinite(column[past:]))
        if len(known):
            expected_until = max(expected_until, past + int(known[-1]) + 1)
        gaps = np.flatnonzero(~np.isfinite(column[past:])) + past
        for gap in gaps.tolist():
            column[gap] = usual(of_seen, first, range(gap, gap + 1))[0]
        made[name] = column
    if not made or expected_until == past:
        return WeatherColumns(notes={"weather_not": "too_little" if not made else "no_forecast"})
    notes = {
        "columns": list(made),
        "expected_until": (first + timedelta(days=expected_until - 1)).isoformat(),
        "days_expected": expected_until - past,
        "issued_at": issue.issued_at.isoformat(),
        "days_as_forecast": as_forecast,
        "days_tested": min(past, TESTED),
        **_station("observed", observed),
        **_station("forecast", forecast),
    }
    return WeatherColumns(list(made.values()), {"weather": notes})


def _as_forecast(values: store.Values, begin: int, forecast: Near, first: date, past: int, zone: ZoneInfo) -> int:
    """Put what was forecast ``LEAD`` days before in the place of what came; on how many of the days that are tested it stands.

    A forecast that learned from the weather as it came would trust tomorrow's weather more than it deserves.
    """
    since = store.at(begin) - timedelta(days=LEAD + 1)
    kept = store.issues(forecast.station.pk, since, store.at(begin) + timedelta(days=past))
    done = 0
    for number in range(past):
        day = first + timedelta(days=number)
        issue = kept.get(day - timedelta(days=LEAD))
        low, high = _midnight(day, zone), _midnight(day + timedelta(days=1), zone)
        if issue is None or issue.first > low or issue.first + len(issue.values) < high:
            continue
        told = issue.values[low - issue.first : high - issue.first]
        part = values[low - begin : high - begin]
        values[low - begin : high - begin] = np.where(np.isnan(told), part, told)
        done += number >= past - TESTED
    return done


def _station(what: str, one: Near) -> dict[str, Any]:
    return {f"{what}_at": one.station.name, f"{what}_km": round(one.km, 1), f"{what}_source": one.station.source}


def _midnight(day: date, zone: ZoneInfo) -> int:
    return store.hour_of(datetime.combine(day, time(), zone))


def _with_issue(values: store.Values, begin: int, issue: store.Issue) -> store.Values:
    """Observed hours, and those of the forecast where nothing was observed yet."""
    out = values.copy()
    low, high = max(begin, issue.first), min(begin + len(values), issue.first + len(issue.values))
    if low < high:
        part = out[low - begin : high - begin]
        out[low - begin : high - begin] = np.where(
            np.isnan(part), issue.values[low - issue.first : high - issue.first], part
        )
    return out


def _daily(table: Table) -> tuple[Columns, Columns, Columns]:
    sun = table.sums(store.SUNSHINE) / 60
    if np.isfinite(sun).sum() < np.isfinite(clear := 100 - table.means(store.CLOUD)).sum() / 2:
        sun = clear
    return table.highest(store.TEMPERATURE), table.sums(store.PRECIPITATION), sun
