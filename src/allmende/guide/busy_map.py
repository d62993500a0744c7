"""How full places are, on the map and in the list beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from allmende.catalogue import queries
from allmende.catalogue.queries import Card, Filters, MapPoint
from allmende.catalogue.queries.lists import wanted_flags
from allmende.guide.busy import now_words
from allmende.guide.page import Page
from allmende.insight.steering.queries import busy_places, levels_now
from allmende.insight.steering.values import Busyness
from allmende.insight.values import Level

Box = tuple[float, float, float, float]
LEVELS = (Level.QUIET, Level.LIVELY, Level.FULL)


class Told(NamedTuple):
    """How full a place is, on a map."""

    level: str
    words: str


def asked_level(text: str) -> str:
    """The level that a map is narrowed to, if it is one."""
    return text if text in LEVELS else ""


def levels_on(points: Iterable[MapPoint], cards: Iterable[Card], page: Page) -> dict[int, Told]:
    """Place id -> level and its words, for the single points of a map and the places beside it."""
    places = {point.id for point in points if point.id and point.kind == "place"}
    places |= {card.id for card in cards if card.kind == "place"}
    return {pk: Told(str(now.level), now_words(now)) for pk, now in levels_now(sorted(places), now=page.now).items()}


def narrowed(level: str, filters: Filters, page: Page, box: Box, *, limit: int) -> tuple[list[MapPoint], list[Card]]:
    """Points and cards of the places of a box that are as full as asked; of the other filters those that fit places."""
    found = busy_places(language=page.language, now=page.now, level=level, municipality=filters.municipality)
    inside = [one for one in found if _is_wanted(one, filters, box)]
    points = [
        MapPoint(
            one.place.lon,
            one.place.lat,
            1,
            "place",
            one.place.category,
            one.place.id,
            one.place.slug,
            one.place.name.text,
        )
        for one in inside
        if one.place and one.place.lon is not None and one.place.lat is not None
    ]
    keys: Sequence[str] = [f"p{point.id}" for point in points[:limit]]
    return points, queries.cards_by_keys(keys, language=page.language, now=page.now)


def _is_wanted(one: Busyness, filters: Filters, box: Box) -> bool:
    place = one.place
    if place is None or place.lon is None or place.lat is None:
        return False
    west, south, east, north = box
    flags = wanted_flags(filters)
    return (
        west <= place.lon <= east
        and south <= place.lat <= north
        and (not filters.category or place.category in filters.category)
        and place.flags & flags == flags
    )
