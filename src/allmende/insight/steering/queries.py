"""How full places are, and what to do instead: what guests and other systems are told.

Only what the owners show comes out of here, for everybody alike; nobody's role is asked.  The number of questions to the
database is the same for one place and for a thousand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from allmende.catalogue.queries.brief import PlaceBrief, brief_of, brief_places
from allmende.catalogue.queries.shapes import Detail
from allmende.catalogue.queries.standing import stands_for
from allmende.insight.bridges.opening import open_spans
from allmende.insight.steering.alternatives import FARTHEST_KM, Candidate, candidates, choose, on_the_way
from allmende.insight.steering.busyness import (
    busyness_of,
    crowded_hour,
    local_day,
    now_at,
    quieter_spans,
    spans_of_words,
)
from allmende.insight.steering.inputs import read_inputs
from allmende.insight.steering.lots import is_on
from allmende.insight.steering.sites import shown_sites, sites_at
from allmende.insight.steering.spaces import space_named
from allmende.insight.steering.telling import told
from allmende.insight.steering.trials import counts_since, may_stop, public_trials, sites_for_a_trial, trials_to_keep
from allmende.insight.steering.values import Busyness, Now, ShownSite, Suggestion

__all__ = [
    "busy_at_place",
    "busy_on_page",
    "busy_places",
    "counts_since",
    "is_anything_shown",
    "levels_now",
    "may_stop",
    "on_the_way",
    "public_trials",
    "sites_for_a_trial",
    "space_named",
    "spans_of_words",
    "suggestion_for",
    "told",
    "trials_to_keep",
]

DAYS: Final = 7


def busy_at_place(place_id: int, *, language: str, now: datetime, days: int = DAYS) -> Busyness | None:
    """How full a published place is; None where nothing is measured or shown."""
    sites = sites_at([place_id], now=now)
    place = brief_places([place_id], language=language).get(place_id) if sites else None
    return _of_place(sites[0], place, days, now=now) if place else None


def busy_on_page(place: Detail, *, now: datetime, days: int = DAYS) -> Busyness | None:
    """The same for a published place whose page is being made: it need not be read again."""
    sites = sites_at([place.id], now=now)
    return _of_place(sites[0], brief_of(place), days, now=now) if sites else None


def _of_place(site: ShownSite, place: PlaceBrief, days: int, *, now: datetime) -> Busyness:
    first = local_day(site, now)
    inputs = read_inputs([site], first, days, now=now)[site.id]
    spans = open_spans(place.hours, first, days, country=place.country) if place.hours else None
    return replace(busyness_of(site, inputs, first, days, now=now, spans=spans), place=place)


def suggestion_for(busy: Busyness, *, language: str, now: datetime) -> Suggestion | None:
    """What to do instead of going to a place when it is crowded.

    None where it is not crowded, where nothing quieter is known, and on days on which the lot says so.
    """
    crowded = crowded_hour(busy, now=now)
    if crowded is None or busy.place is None:
        return None
    hour, is_now = crowded
    if hour.level is None or hour.basis is None or not is_on(busy.site.id, hour.at.date()):
        return None
    quieter = quieter_spans(busy, hour, now=now)
    here = busy.place
    sites = [
        site for site in shown_sites(now=now) if site.place_id and site.may_be_suggested and site.id != busy.site.id
    ]
    ranked: list[Candidate] = []
    if sites and here.lon is not None and here.lat is not None:
        near = (here.lon, here.lat, FARTHEST_KM)
        places = brief_places([site.place_id for site in sites if site.place_id], language=language, near=near)
        ranked = candidates(here, sites, places, language=language)
    inputs = read_inputs([one.site for one in ranked], local_day(busy.site, now), 3, now=now)
    alternatives = choose(hour, is_now, here, ranked, inputs, now=now)
    if not alternatives and not quieter:
        return None
    return Suggestion(hour.at, is_now, hour.level, hour.basis, alternatives, quieter)


def levels_now(place_ids: Sequence[int], *, now: datetime) -> dict[int, Now]:
    """Place id -> how full it is, for a map or a list; only places of which something is shown."""
    sites = sites_at(place_ids, now=now) if place_ids else []
    standing = stands_for("place", [site.place_id for site in sites if site.place_id]) if sites else {}
    return {
        standing.get(site.place_id, site.place_id): told for site, told in _now_of(sites, now) if site.place_id and told
    }


def _now_of(sites: Sequence[ShownSite], now: datetime) -> list[tuple[ShownSite, Now | None]]:
    # One first day for all: in other zones it may be yesterday or tomorrow, which three days cover.
    if not sites:
        return []
    first = min(local_day(site, now) for site in sites)
    inputs = read_inputs(sites, first, 2, now=now)
    return [(site, now_at(site, inputs[site.id], first, now=now)) for site in sites]


def busy_places(
    *,
    language: str,
    now: datetime,
    place: int | None = None,
    municipality: int | None = None,
    network: int | None = None,
    level: str = "",
    days: int = 1,
) -> list[Busyness]:
    """All shown places, or those of a municipality or shared in an insight space, with the hours of some days; by name.

    Sites of places that are not published are left out; sites without a place (a car park) are named by themselves.
    """
    sites = sites_at([place], now=now) if place else shown_sites(now=now)
    if network is not None:
        sites = [site for site in sites if site.network_id == network and site.is_shared]
    places = brief_places([site.place_id for site in sites if site.place_id], language=language)
    sites = [site for site in sites if site.place_id is None or site.place_id in places]
    if municipality is not None:
        sites = [site for site in sites if municipality in _towns(site, places)]
    if not sites:
        return []
    first = min(local_day(site, now) for site in sites)
    inputs = read_inputs(sites, first, days + 1, now=now)
    found = []
    for site in sites:
        there = places.get(site.place_id or 0)
        mine = local_day(site, now)
        spans = open_spans(there.hours, first, days + 1, country=there.country) if there and there.hours else None
        busy = busyness_of(site, inputs[site.id], first, days + 1, now=now, spans=spans)
        busy = replace(busy, days=tuple(day for day in busy.days if day.day >= mine)[:days], place=there)
        if not level or (busy.now and busy.now.level == level):
            found.append(busy)
    return found


def _towns(site: ShownSite, places: dict[int, PlaceBrief]) -> set[int | None]:
    there = places.get(site.place_id or 0)
    return {site.territory_id, there.municipality if there else None}


def is_anything_shown(*, now: datetime) -> bool:
    """Whether any owner shows how full a place is."""
    return bool(shown_sites(now=now))
