"""What the page of a place says of weather and holidays: of its worst hours, when it was full, today and tomorrow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext

from allmende.core import formats
from allmende.guide.views.insight import weather_words as words
from allmende.guide.views.insight.weather_words import Told
from allmende.insight.holidays.queries import DayOff, holidays_of
from allmende.insight.models import Site
from allmende.insight.weather.queries import SiteWeather, site_weather, weather_of_hours


@dataclass(frozen=True, slots=True)
class ShownDay:
    """Today or tomorrow."""

    name: str
    day: date
    weather: Told | None
    known_how: str
    off: tuple[DayOff, ...]


@dataclass(frozen=True, slots=True)
class Conditions:
    """Weather and holidays, ready to be shown."""

    days: tuple[ShownDay, ...]
    hours: dict[datetime, Told]
    off: dict[datetime, tuple[DayOff, ...]]
    credits: tuple[str, ...]
    is_simulated: bool
    no_station: bool
    """No observed weather is delivered nearby."""
    no_part: bool
    """School holidays are delivered, but nobody said in which part of the country the place lies."""


def conditions_of(site: Site, hours: Iterable[datetime], *, now: datetime, language: str) -> Conditions:
    """What is said of ``hours`` (begins, UTC), of today and of tomorrow."""
    zone = ZoneInfo(site.timezone)
    wanted = list(dict.fromkeys(hours))
    today = now.astimezone(zone).date()
    weather = site_weather(site, now=now)
    seen = weather_of_hours(weather.observed, wanted)
    local = {hour: hour.astimezone(zone).date() for hour in wanted}
    ahead = [today, today + timedelta(days=1)]
    off = holidays_of(site, [*ahead, *set(local.values())], language=language)
    outlook = {one.day: one for one in weather.days}
    names = (gettext("Today"), gettext("Tomorrow"))
    shown = []
    for name, day in zip(names, ahead, strict=True):
        one = outlook.get(day)
        told = words.day_words(one.weather, language) if one else None
        if told or off.days[day]:
            shown.append(ShownDay(name, day, told, words.known_how(one) if one else "", off.days[day]))
    stations = [one for one in (weather.observed, weather.forecast) if one is not None]
    return Conditions(
        days=tuple(shown),
        hours={hour: words.hour_words(one, hour, site.timezone, language) for hour, one in seen.items()},
        off={hour: off.days[day] for hour, day in local.items()},
        credits=tuple(_credits(weather, off.sources, site, language)),
        is_simulated=any(one.station.is_demo for one in stations),
        no_station=weather.observed is None,
        no_part=off.is_missing,
    )


def _credits(weather: SiteWeather, sources: Sequence[tuple[str, str]], site: Site, language: str) -> Iterable[str]:
    if weather.observed:
        yield gettext("Weather as observed: %(station)s.") % {
            "station": words.station_words(weather.observed, language)
        }
    if weather.forecast and weather.issued_at:
        issued = formats.at_local(weather.issued_at.astimezone(ZoneInfo(site.timezone)), language)
        told: dict[str, Any] = {"time": issued, "station": words.station_words(weather.forecast, language)}
        yield gettext("Weather forecast of %(time)s: %(station)s.") % told
    for source, licence in sources:
        yield gettext("Holidays: %(source)s.") % {"source": f"{source} ({licence})" if licence else source}
