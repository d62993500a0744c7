"""Lists of events, places and offers."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, ngettext

from allmende.catalogue import queries
from allmende.catalogue.queries import Card, Listing
from allmende.catalogue.values import Kind
from allmende.core import formats
from allmende.guide.filters import Asked, read_filters, when_words
from allmende.guide.page import Page, new_page, render
from allmende.guide.panel import Panel, panel_for

Choice = tuple[str, str, bool]
PATHS: Final[dict[Kind, str]] = {"event": "/events/", "place": "/places/", "offer": "/offers/"}


def address(path: str, query: str) -> str:
    """A path with a query string, if there is one."""
    return f"{path}?{query}" if query else path


def item_list_ld(page: Page, cards: list[Card]) -> dict[str, Any]:
    """schema.org ItemList of what a page shows."""
    return {
        "@context": "https://schema.org",
        "@type": "ItemList",
        "name": page.title,
        "itemListElement": [
            {
                "@type": "ListItem",
                "position": place,
                "name": card.name.text,
                "url": f"{page.origin}{page.base}/{card.kind}s/{card.slug}-{card.id}/",
            }
            for place, card in enumerate(cards, 1)
        ],
    }


def count_words(kind: Kind, panel: Panel, page: Page) -> str:
    """How many there are, in words."""
    n = formats.number(panel.total, page.language)
    if panel.at_least:
        n = gettext("more than %(n)s") % {"n": n}
    sentences = {
        "event": ngettext("%(n)s event", "%(n)s events", panel.total),
        "place": ngettext("%(n)s place", "%(n)s places", panel.total),
        "offer": ngettext("%(n)s offer", "%(n)s offers", panel.total),
    }
    return sentences[kind] % {"n": n}


def quick_choices(asked: Asked, path: str, *, has_dates: bool) -> list[Choice]:
    """Links that switch the most wanted filters on and off."""
    found: list[Choice] = []
    if has_dates:
        words = when_words()
        for key in ("today", "tomorrow", "weekend", "week"):
            chosen = asked.when == key
            found.append(
                (words[key], address(path, asked.without("when") if chosen else asked.with_("when", key)), chosen)
            )
    for name, value, text in (
        ("free", "1", gettext("Free")),
        ("audience", "families", gettext("For families")),
        ("access", "step_free", gettext("Step-free")),
    ):
        chosen = asked.has(name, value)
        query = asked.without(name, value) if chosen else asked.with_(name, value)
        found.append((text, address(path, query), chosen))
    return found


def next_steps(asked: Asked, path: str) -> list[tuple[str, str]]:
    """Ways on from an empty list."""
    steps = []
    if asked.when or asked.has("from") or asked.has("to"):
        rest = asked
        query = "&".join(part for part in rest.query.split("&") if part.partition("=")[0] not in {"when", "from", "to"})
        steps.append((gettext("Any time"), address(path, query)))
    if asked.pairs:
        steps.append((gettext("Remove all filters"), path))
    return steps


def _list(request: HttpRequest, kind: Kind, title: str, description: str) -> HttpResponse:
    page = new_page(request)
    asked = read_filters(request.GET, page)
    path = page.base + PATHS[kind]
    page.section = kind + "s"
    page.scripts = ("guide/filters.js",)
    page.title = f"{title}: {asked.title}" if asked.title else title
    page.description = description
    page.query = asked.query
    page.robots = "noindex, follow" if asked.after or len(asked.pairs) > 1 else ""
    page.search_text = asked.filters.q
    listing = _listing(kind, asked, page)
    page.json_ld = [item_list_ld(page, listing.cards)]
    panel = panel_for(kind, asked, page, PATHS[kind], has_dates=kind == "event")
    more = "&".join(part for part in (asked.query, f"after={listing.next_cursor}") if part)
    context = {
        "heading": title,
        "kind": kind,
        "asked": asked,
        "listing": listing,
        "panel": panel,
        "path": path,
        "count": count_words(kind, panel, page),
        "chips": asked.chips(path),
        "quick": quick_choices(asked, path, has_dates=kind == "event"),
        "next_path": f"{path}?{more}" if listing.next_cursor else "",
        "first_path": address(path, asked.query) if asked.after else "",
        "steps": next_steps(asked, path),
    }
    return render(page, "guide/list.html", context)


def _listing(kind: Kind, asked: Asked, page: Page) -> Listing:
    if kind == "event":
        return queries.list_events(
            asked.filters, language=page.language, now=page.now, zone=page.zone, after=asked.after
        )
    list_kind = queries.list_places if kind == "place" else queries.list_offers
    return list_kind(asked.filters, language=page.language, after=asked.after)


def events(request: HttpRequest) -> HttpResponse:
    """What is on, by day."""
    return _list(request, "event", gettext("Events"), gettext("What is on in the region, day by day."))


def places(request: HttpRequest) -> HttpResponse:
    """Places by name, or by distance."""
    return _list(request, "place", gettext("Places"), gettext("Museums, monuments, nature and other places to go."))


def offers(request: HttpRequest) -> HttpResponse:
    """Offers by name, or by distance."""
    return _list(request, "offer", gettext("Offers"), gettext("Tours, tastings, courses, packages and other offers."))
