"""Quieter places that fit: of the same or a related kind, near, open, quiet, not harder to enter, told in the same language.

A guest is sent only where the place is published, its owner shows how full it is and lets it be suggested, it is open when
one gets there and for an hour more, and it is quiet then: as far as its owner shows it, so that a suggestion says nothing
that its own page does not say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from allmende.catalogue.queries.brief import PlaceBrief
from allmende.catalogue.values import ACCESS_FLAGS, Flag, distance_km
from allmende.insight.bridges.opening import doors_at
from allmende.insight.models import Site
from allmende.insight.steering.busyness import busyness_of
from allmende.insight.steering.inputs import Inputs
from allmende.insight.steering.values import Alternative, Basis, Hour, ShownSite
from allmende.insight.values import Level

FARTHEST_KM: Final = 25.0
MOST: Final = 3
LOOKED_AT: Final = 24
"""Of the places that fit, so many of the best are looked at."""
ROUNDABOUT: Final = 1.3
"""A way is so much longer than the straight line,"""
SPEED_KMH: Final = 40.0
"""and is gone at this pace on the roads of a region, with"""
SETTING_OUT: Final = timedelta(minutes=10)
STAY: Final = timedelta(hours=1)
"""So long it must stay open."""
RELATED: Final[tuple[frozenset[str], ...]] = (
    frozenset({"beach-lake", "nature", "viewpoint"}),
    frozenset({"castle-monument", "church", "museum", "viewpoint"}),
    frozenset({"museum", "cultural-venue", "library"}),
    frozenset({"food", "farm-shop"}),
    frozenset({"farm-shop", "craft-shop"}),
    frozenset({"beach-lake", "sports-facility", "wellness"}),
)
"""Categories of the vocabulary that may stand in for each other."""
OPEN_AIR: Final = frozenset({Site.Kind.NATURE, Site.Kind.BEACH, Site.Kind.STREET, Site.Kind.PATH})
"""Kinds of sites that have no door; without opening hours they are taken as open."""
_ACCESS_ORDER: Final = {"no": 0, "": 1, "partly": 2, "yes": 3}
"""What is not known is not relied upon."""


def is_related(one: PlaceBrief, other: PlaceBrief) -> bool:
    """Whether the one may stand in for the other."""
    return any({one.category, other.category} <= group for group in RELATED)


def is_same_kind(one: PlaceBrief, other: PlaceBrief) -> bool:
    """Whether both are of one category."""
    return one.category == other.category


def kept_access(here: PlaceBrief, there: PlaceBrief) -> tuple[str, ...] | None:
    """What helps here and there alike; None if anything is worse there."""
    kept = []
    for fact in ACCESS_FLAGS:
        state = here.accessibility.get(fact, "")
        if state not in {"yes", "partly"}:
            continue
        if _ACCESS_ORDER.get(there.accessibility.get(fact, ""), 1) < _ACCESS_ORDER[state]:
            return None
        kept.append(fact)
    return tuple(kept)


def on_the_way(km: float) -> timedelta:
    """How long the way takes, so that nobody is sent to a place that closes meanwhile."""
    return SETTING_OUT + timedelta(hours=km * ROUNDABOUT / SPEED_KMH)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that fits, before anybody has looked how full it is."""

    site: ShownSite
    place: PlaceBrief
    km: float


def candidates(
    here: PlaceBrief, sites: Sequence[ShownSite], places: Mapping[int, PlaceBrief], *, language: str
) -> list[Candidate]:
    """Those of ``sites`` that fit, the best first: the same kind, told in the language, free like here, near."""
    ranked: list[tuple[tuple[bool, bool, bool, float, int], Candidate]] = []
    for site in sites:
        there = places.get(site.place_id or 0)
        if there is None or there.id == here.id or not site.may_be_suggested:
            continue
        fits = _fits(here, there)
        if fits is not None:
            km, is_dearer = fits
            is_foreign = there.name.is_fallback and not here.name.is_fallback and there.name.language != language
            order = (not is_same_kind(here, there), is_foreign, is_dearer, km, site.id)
            ranked.append((order, Candidate(site, there, km)))
    ranked.sort(key=lambda one: one[0])
    return [candidate for _, candidate in ranked[:LOOKED_AT]]


def choose(
    crowded: Hour,
    is_now: bool,
    here: PlaceBrief,
    ranked: Sequence[Candidate],
    inputs: Mapping[int, Inputs],
    *,
    now: datetime,
) -> tuple[Alternative, ...]:
    """The first few candidates that are open and quiet when one gets there."""
    found: list[Alternative] = []
    for one in ranked:
        if one.place.id in {other.place.id for other in found}:
            continue
        alternative = _at_that_hour(crowded, is_now, here, one.site, one.place, one.km, inputs[one.site.id], now)
        if alternative:
            found.append(alternative)
        if len(found) == MOST:
            break
    return tuple(found)


def _fits(here: PlaceBrief, there: PlaceBrief) -> tuple[float, bool] | None:
    """(km, whether one must pay there and not here), or None if it does not fit."""
    if here.lon is None or here.lat is None or there.lon is None or there.lat is None:
        return None
    if not (is_same_kind(here, there) or is_related(here, there)) or here.category == "other":
        return None
    km = distance_km(here.lon, here.lat, there.lon, there.lat)
    if km > FARTHEST_KM or kept_access(here, there) is None:
        return None
    return km, bool(here.flags & Flag.FREE) and not there.flags & Flag.FREE


def _at_that_hour(
    crowded: Hour,
    is_now: bool,
    here: PlaceBrief,
    site: ShownSite,
    there: PlaceBrief,
    km: float,
    inputs: Inputs,
    now: datetime,
) -> Alternative | None:
    """The suggestion, if one finds it open and quiet."""
    zone = ZoneInfo(site.timezone)
    arrival = (now + on_the_way(km) if is_now else crowded.at).astimezone(zone)
    hours = there.hours
    is_open_air = not hours and site.kind in OPEN_AIR
    open_until = None
    if not is_open_air:
        doors = doors_at(hours, arrival.replace(tzinfo=None), country=there.country)
        if not doors.is_open:
            return None
        if doors.until is not None:
            if doors.until < arrival.replace(tzinfo=None) + STAY:
                return None
            open_until = doors.until.replace(tzinfo=zone)
    told = _quiet_at(site, inputs, arrival, now)
    if told is None:
        return None
    basis, is_sure = told
    return Alternative(
        site,
        there,
        km,
        arrival,
        basis,
        is_sure,
        is_same_kind(here, there),
        open_until,
        is_open_air,
        bool(there.flags & Flag.FREE),
        kept_access(here, there) or (),
    )


def _quiet_at(site: ShownSite, inputs: Inputs, arrival: datetime, now: datetime) -> tuple[Basis, bool] | None:
    """On what it rests that it is quiet then; None if it is not, or nobody knows."""
    first = now.astimezone(ZoneInfo(site.timezone)).date()
    days = (arrival.date() - first).days + 1
    busy = busyness_of(site, inputs, first, days, now=now)
    counted = busy.now is not None and busy.now.basis == Basis.MEASURED
    if busy.now is not None and counted and busy.now.level != Level.QUIET and arrival - now < timedelta(hours=2):
        return None
    begin = arrival.replace(minute=0, second=0, microsecond=0)
    hour = next((hour for hour in busy.days[-1].hours if hour.at == begin), None)
    after = next((hour for day in busy.days for hour in day.hours if hour.at == begin + STAY), None)
    if hour is None or hour.level != Level.QUIET or hour.perhaps == Level.FULL or hour.basis is None:
        return None
    if after is not None and after.level == Level.FULL:
        return None
    return hour.basis, hour.is_sure
