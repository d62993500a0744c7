"""What the weather was, is and will be at a measured place, by the nearest station that may be used for it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from django.db.models import Q

from allmende.catalogue.values import distance_km
from allmende.insight.models import Site, WeatherStation
from allmende.insight.rules import conditions_for, visible_conditions
from allmende.insight.weather import store
from allmende.insight.weather.days import DayWeather, days_of
from allmende.partners.rules import Someone

NEAREST_KM: Final = 30.0
"""A station further away says nothing of a place."""
FORECAST_HOLDS: Final = timedelta(days=3)
"""An older forecast is none any more."""


class Near(NamedTuple):
    """A station near a place."""

    station: WeatherStation
    km: float


@dataclass(frozen=True, slots=True)
class HourWeather:
    """One hour; None where not known."""

    temperature: float | None
    """°C."""
    precipitation: float | None
    """mm in the hour."""
    sunshine: float | None
    """Minutes in the hour."""
    cloud: float | None
    """% of the sky."""
    wind: float | None
    """m/s."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """The weather of a day, and whether it was observed, is expected, or both."""

    day: date
    weather: DayWeather
    observed_hours: int
    expected_hours: int


@dataclass(frozen=True, slots=True)
class SiteWeather:
    """What a page says of the weather at a place."""

    observed: Near | None
    forecast: Near | None
    issued_at: datetime | None
    days: tuple[Outlook, ...]
    """Today and tomorrow, as far as anything is known of them."""


def near(site: Site) -> tuple[Near | None, Near | None]:
    """The nearest station with observed hours, and the nearest one with a forecast; None where none is near."""
    if site.lon is None or site.lat is None:
        return None, None
    high = NEAREST_KM / 111.0
    wide = high / max(0.05, math.cos(math.radians(site.lat)))
    box = Q(lat__range=(site.lat - high, site.lat + high), lon__range=(site.lon - wide, site.lon + wide))
    found: list[Near] = []
    for one in WeatherStation.objects.filter(conditions_for(site), box):
        if one.lon is not None and one.lat is not None:
            found.append(Near(one, distance_km(site.lon, site.lat, one.lon, one.lat)))
    # Of two at the same spot the owner's own comes first.
    found.sort(key=lambda one: (one.km, one.station.organisation_id != site.organisation_id, one.station.pk))
    found = [one for one in found if one.km <= NEAREST_KM]
    observed = next((one for one in found if one.station.observed_last is not None), None)
    forecast = next((one for one in found if one.station.issued_at is not None), None)
    return observed, forecast


def weather_of_hours(station: Near | None, hours: Sequence[datetime]) -> dict[datetime, HourWeather]:
    """The observed weather of single hours, those left out of which nothing is known."""
    if station is None or not hours:
        return {}
    wanted = sorted(hours)
    first, until = store.hour_of(wanted[0]), store.hour_of(wanted[-1]) + 1
    values = store.read_observed(station.station.pk, first, until)
    rows = {hour: values[store.hour_of(hour) - first] for hour in hours}
    return {hour: HourWeather(*map(_known, row)) for hour, row in rows.items() if np.isfinite(row).any()}


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def site_weather(site: Site, *, now: datetime) -> SiteWeather:
    """What a page says: whose weather it is, and today's and tomorrow's where delivered."""
    observed, forecast = near(site)
    zone = ZoneInfo(site.timezone)
    today = now.astimezone(zone).date()
    first, until = _midnight(today, zone), _midnight(today + timedelta(days=2), zone)
    seen = store.empty(until - first)
    if observed and observed.station.observed_last and observed.station.observed_last >= store.at(first):
        seen = store.read_observed(observed.station.pk, first, until)
    issue = store.newest_forecast(forecast.station.pk, now=now) if forecast else None
    if issue is not None and now - issue.issued_at > FORECAST_HOLDS:
        issue = None
    ahead = _of_issue(issue, first, until)
    both = np.where(np.isnan(seen), ahead, seen)
    told = days_of(both, first, zone, today, 2)
    days = []
    for at, weather in enumerate(told):
        begin, end = _midnight(today + timedelta(days=at), zone), _midnight(today + timedelta(days=at + 1), zone)
        inside = slice(begin - first, end - first)
        n_seen = int(np.isfinite(seen[inside]).any(axis=1).sum())
        n_both = int(np.isfinite(both[inside]).any(axis=1).sum())
        if weather.hours:
            days.append(Outlook(today + timedelta(days=at), weather, n_seen, n_both - n_seen))
    return SiteWeather(observed, forecast if issue else None, issue.issued_at if issue else None, tuple(days))


def _of_issue(issue: store.Issue | None, first: int, until: int) -> store.Values:
    out = store.empty(until - first)
    if issue is None:
        return out
    low, high = max(first, issue.first), min(until, issue.first + len(issue.values))
    if low < high:
        out[low - first : high - first] = issue.values[low - issue.first : high - issue.first]
    return out


def _midnight(day: date, zone: ZoneInfo) -> int:
    return store.hour_of(datetime.combine(day, time(), zone))


def stations_of(user: Someone) -> list[WeatherStation]:
    """The stations that ``user`` sees."""
    found = WeatherStation.objects.filter(visible_conditions(user)).select_related("organisation", "network")
    return list(found.order_by("name", "pk")[:500])


def station_to_see(user: Someone, pk: int) -> WeatherStation | None:
    """The station if ``user`` sees it."""
    found = WeatherStation.objects.filter(visible_conditions(user), pk=pk)
    return found.select_related("organisation", "network").first()
