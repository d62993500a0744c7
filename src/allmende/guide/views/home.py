"""The home page."""

from __future__ import annotations

import random
from datetime import date
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from allmende.catalogue import queries
from allmende.catalogue.queries import Card, Filters
from allmende.guide import pictures
from allmende.guide.bridges.outline_svg import Dot
from allmende.guide.filters import day_range, when_words
from allmende.guide.page import Page, kept_until_change, new_page, render, website_ld
from allmende.guide.views.lists import item_list_ld

SHELF: Final = 8
SHORT_SHELF: Final = 4
CATEGORIES: Final = 12
TOWNS: Final = 18
MAP_ZOOM: Final = 9
MAP_WIDTH: Final = 400
"""Outlines are drawn no finer than this many pixels need."""
EVERYWHERE: Final = (-180.0, -85.0, 180.0, 85.0)


def _events(page: Page, since: date, until: date, *, limit: int = SHELF, category: tuple[str, ...] = ()) -> list[Card]:
    filters = Filters(since=since, until=until, category=category)
    return queries.list_events(filters, language=page.language, now=page.now, zone=page.zone, limit=limit).cards


def _places_of_the_day(page: Page) -> list[Card]:
    """Some places, others every day; the same for everybody on one day."""
    ids = kept_until_change("place ids", lambda: [row[0] for row in queries.sitemap("place", 1)])
    chosen = random.Random(page.today.toordinal()).sample(ids, min(SHORT_SHELF, len(ids)))  # noqa: S311  no secret
    return queries.cards_by_keys([f"p{pk}" for pk in chosen], language=page.language, now=page.now)


def _dots(page: Page) -> list[Dot]:
    points = queries.map_points(
        *(pictures.bounds() or EVERYWHERE),
        MAP_ZOOM,
        Filters(),
        language=page.language,
        now=page.now,
        zone=page.zone,
    )
    return [Dot(point.lon, point.lat) for point in points]


def _quick(page: Page) -> list[tuple[str, str, bool]]:
    words = when_words()
    path = f"{page.base}/events/"
    return [(words[key], f"{path}?when={key}", False) for key in ("today", "tomorrow", "weekend")] + [
        (gettext("Free"), f"{path}?free=1", False),
        (gettext("For families"), f"{path}?audience=families", False),
        (gettext("Step-free"), f"{path}?access=step_free", False),
    ]


def _shelves(page: Page) -> list[tuple[str, str, list[Card]]]:
    """(heading, address of all, cards) of what is on; a thing stands on one shelf only."""
    today = _events(page, page.today, page.today)
    seen = {card.id for card in today}
    first, last = day_range("weekend", page.today)
    weekend = [card for card in _events(page, first, last, limit=2 * SHELF) if card.id not in seen][:SHORT_SHELF]
    seen |= {card.id for card in weekend}
    ongoing = _events(page, page.today, page.today, category=("exhibition",), limit=2 * SHELF)
    ongoing = [card for card in ongoing if card.id not in seen][:SHORT_SHELF]
    path = f"{page.base}/events/"
    words = when_words()
    shelves = [
        (words["today"], f"{path}?when=today", today),
        (words["weekend"], f"{path}?when=weekend", weekend),
        (gettext("Exhibitions you can see now"), f"{path}?category=exhibition", ongoing),
    ]
    return [shelf for shelf in shelves if shelf[2]]


def home(request: HttpRequest) -> HttpResponse:
    """What is on now, and ways into everything else."""
    page = new_page(request)
    page.styles = ("guide/home.css",)
    page.description = gettext("Events, places and offers in %(region)s: what is on today, this weekend and later.") % {
        "region": page.region_name
    }
    shelves = _shelves(page)
    places = _places_of_the_day(page)
    page.json_ld = [website_ld(page), item_list_ld(page, [card for _, _, cards in shelves for card in cards])]
    towns = sorted(
        queries.municipalities(only_with_content=True, language=page.language), key=lambda named: -named.total
    )[:TOWNS]
    label = gettext("Map of %(region)s with everything in this guide") % {"region": page.region_name}
    context = {
        "shelves": shelves,
        "places": places,
        "quick": _quick(page),
        "categories": queries.categories("event", page.language)[:CATEGORIES],
        "towns": sorted(towns, key=lambda named: named.name),
        "totals": queries.totals(page.language),
        "sources": queries.sources(),
        "map": kept_until_change(
            f"home map {page.language}", lambda: pictures.points_picture(_dots(page), label, width=MAP_WIDTH)
        ),
    }
    return render(page, "guide/home.html", context)
