"""What was going on at and near a place in its worst hours: the catalogue's events.  Weather and holidays are beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from allmende.catalogue.models import Occurrence
from allmende.catalogue.queries import Card
from allmende.catalogue.queries.cards import cards_of
from allmende.catalogue.values import cells_around, distance_km
from allmende.insight.models import Site

NEAR_KM: Final = 2.0
EARLY: Final = timedelta(hours=2)
"""People come so long before an event begins."""
UNKNOWN_END: Final = timedelta(hours=3)
"""After so long an event whose end nobody told is over."""
MOST_READ: Final = 2000
MOST_NAMED: Final = 3


@dataclass(frozen=True, slots=True)
class Happening:
    """An event at or near the place."""

    card: Card
    km: float


@dataclass(frozen=True, slots=True)
class GoingOn:
    """What was going on in one hour."""

    events: tuple[Happening, ...]
    """The nearest first."""
    more: int
    """Further events that are not named."""


def going_on(site: Site, hours: Sequence[datetime], *, language: str, now: datetime) -> dict[datetime, GoingOn]:
    """For each of ``hours`` (begins, UTC) the published events within two kilometres.

    Only what the catalogue still knows: it keeps the past for as long as its sources do.
    """
    zone = ZoneInfo(site.timezone)
    days = {hour: hour.astimezone(zone).date() for hour in hours}
    near = _near(site, sorted(set(days.values())))
    found: dict[datetime, list[tuple[float, int]]] = {hour: [] for hour in hours}
    for hour, day in days.items():
        for event, starts, ends, all_day, km in near.get(day, ()):
            end = ends or starts + UNKNOWN_END
            if all_day or (starts - EARLY < hour + timedelta(hours=1) and end > hour):
                found[hour].append((km, event))
    best = {hour: sorted(set(events))[:MOST_NAMED] for hour, events in found.items()}
    wanted = list(dict.fromkeys(event for events in best.values() for _, event in events))
    keys = [("event", event) for event in wanted]
    cards = {card.id: card for card in cards_of(keys, language=language, now=now)} if keys else {}
    return {
        hour: GoingOn(
            tuple(Happening(cards[event], km) for km, event in best[hour] if event in cards),
            max(0, len({event for _, event in found[hour]}) - MOST_NAMED),
        )
        for hour in days
    }


Near = tuple[int, datetime, datetime | None, bool, float]


def _near(site: Site, days: Sequence[date]) -> Mapping[date, list[Near]]:
    if not days or site.lon is None or site.lat is None:
        return {}
    rows = Occurrence.objects.filter(
        day__in=days, cell__in=cells_around(site.lon, site.lat, NEAR_KM), cancelled=False
    ).values_list("day", "event", "starts_at", "ends_at", "all_day", "event__lon", "event__lat")
    found: dict[date, list[Near]] = {}
    for day, event, starts, ends, all_day, lon, lat in rows[:MOST_READ]:
        km = distance_km(site.lon, site.lat, lon, lat) if lon is not None and lat is not None else NEAR_KM
        if km <= NEAR_KM:
            found.setdefault(day, []).append((event, starts, ends, all_day, km))
    return found
