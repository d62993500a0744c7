"""Widgets: the guide in other people's pages.  They read no cookie, set none, and change nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.template import engines
from django.utils.translation import gettext

from allmende.catalogue import queries
from allmende.catalogue.queries import Card
from allmende.catalogue.values import KINDS, Kind
from allmende.core import formats
from allmende.core.assets import asset
from allmende.guide import pictures
from allmende.guide.cards import date_line
from allmende.guide.details import address_lines
from allmende.guide.embed_theme import NAMES, Theme, theme_css, theme_of
from allmende.guide.filters import Asked, read_filters
from allmende.guide.labels import look
from allmende.guide.page import Page, new_page, render
from allmende.guide.views.calendar import month_after, month_start
from allmende.guide.views.map import EVERYWHERE, kinds_of

SHOWS: Final = ("list", "calendar", "map", "busy", "event")
LIMITS: Final = (3, 5, 10, 20)
MOST: Final = 50
AGENDA: Final = 8
LOADER_SECONDS: Final = 3600
HEIGHTS: Final = {"list": 720, "calendar": 640, "map": 460, "busy": 560, "event": 360}
"""Of the plain frame, which cannot ask its content how tall it is."""


def _limit(text: str) -> int:
    return max(1, min(MOST, int(text))) if text.isdecimal() and len(text) < 4 else 10


def _kind(request: HttpRequest) -> Kind:
    kind = request.GET.get("kind", "event")
    return next((known for known in KINDS if known == kind), "event")


def frame_of(request: HttpRequest, title: str) -> tuple[Page, Asked, Theme]:
    """What every widget has: its page, what was asked for, and the colours of its host."""
    page = new_page(request)
    asked = read_filters(request.GET, page)
    page.title = f"{title}: {asked.title}" if asked.title else title
    page.query = asked.query
    page.robots = "noindex, follow"
    return page, asked, theme_of(request.GET)


def show_framed(page: Page, template: str, theme: Theme, context: dict[str, Any]) -> HttpResponse:
    """A finished widget, which other pages may show in a frame."""
    words = {"theme": theme, "words": {"new_tab": gettext("opens in a new tab")}}
    response = render(page, f"guide/embed/{template}", {**words, **context})
    response.may_be_framed = True  # type: ignore[attr-defined]
    return response


def _cards(kind: Kind, asked: Asked, page: Page, limit: int) -> list[Card]:
    if kind == "event":
        listing = queries.list_events(asked.filters, language=page.language, now=page.now, zone=page.zone, limit=limit)
    else:
        read = queries.list_places if kind == "place" else queries.list_offers
        listing = read(asked.filters, language=page.language, limit=limit)
    return listing.cards


def listing(request: HttpRequest) -> HttpResponse:
    """The next events of a search, or its places or offers."""
    kind = _kind(request)
    titles = {"event": gettext("Events"), "place": gettext("Places"), "offer": gettext("Offers")}
    page, asked, theme = frame_of(request, titles[kind])
    cards = _cards(kind, asked, page, _limit(request.GET.get("limit", "")))
    more = f"{page.base}/{kind}s/" + (f"?{asked.query}" if asked.query else "")
    return show_framed(page, "list.html", theme, {"cards": cards, "more": more, "kind": kind})


def calendar(request: HttpRequest) -> HttpResponse:
    """A month, and its next days in words."""
    page, asked, theme = frame_of(request, gettext("Calendar"))
    this_month = page.today.replace(day=1)
    first = month_start(request.GET.get("month", "")) or this_month
    days = queries.month(first, asked.filters, language=page.language, zone=page.zone)
    start = page.today if first == this_month else first
    told = [day for day in days if day.count and day.day >= start and day.day.month == first.month]

    def turned(months: int) -> str:
        parts = {"month": f"{month_after(first, months):%Y-%m}"}
        return "?" + "&".join(part for part in (urlencode(parts), asked.query, theme.query) if part)

    page.title = formats.month_long(first, page.language)
    context = {
        "weeks": [days[at : at + 7] for at in range(0, len(days), 7)],
        "first": first,
        "agenda": told[:AGENDA],
        "earlier": turned(-1) if first > this_month else "",
        "later": turned(1) if first < this_month + timedelta(days=700) else "",
        "more": f"{page.base}/calendar/?month={first:%Y-%m}" + (f"&{asked.query}" if asked.query else ""),
        "day_path": f"{page.base}/calendar/day/?" + (f"{asked.query}&" if asked.query else "") + "day=",
    }
    return show_framed(page, "calendar.html", theme, context)


def map_view(request: HttpRequest) -> HttpResponse:
    """The map; what stands on it as a list behind a fold."""
    page, asked, theme = frame_of(request, gettext("Map"))
    kinds = kinds_of(request)
    box = pictures.bounds() or EVERYWHERE
    cards = queries.box_cards(
        *box, asked.filters, kinds=kinds, language=page.language, now=page.now, zone=page.zone, limit=12
    )
    context = {
        "cards": cards,
        "hidden": 0,
        "bounds": ",".join(f"{degree:.4f}" for degree in box),
        "credit": "; ".join(dict.fromkeys(area.credit for area in pictures.grounds() if area.credit)),
        "tiles": settings.ALLMENDE_TILE_URL,
        "tile_credit": settings.ALLMENDE_TILE_CREDIT,
        "more": f"{page.base}/map/" + (f"?{asked.query}" if asked.query else ""),
    }
    return show_framed(page, "map.html", theme, context)


def event(request: HttpRequest, pk: int) -> HttpResponse:
    """One event with its next dates."""
    page, _, theme = frame_of(request, gettext("Event"))
    union = queries.stands_for("event", [pk]).get(pk, pk)
    detail = queries.event_detail(union, language=page.language, now=page.now)
    if detail is None or detail.state != "published":
        raise Http404
    page.title = detail.name.text
    context = {
        "d": detail,
        "look": look(detail.category, page.language),
        "dates": [date_line(line, page.language) for line in detail.dates[:3]],
        "rest": max(0, len(detail.dates) - 3),
        "address": address_lines(detail),
        "path": f"{page.base}/events/{detail.slug}-{detail.id}/",
    }
    return show_framed(page, "event.html", theme, context)


def theme(request: HttpRequest) -> HttpResponse:
    """The host's colours as a style sheet."""
    page = new_page(request)
    css = theme_css(theme_of(request.GET), page.brand.primary, page.brand.accent)
    response = HttpResponse(css, content_type="text/css; charset=utf-8")
    response["Cache-Control"] = "public, max-age=86400"
    return response


def loader(request: HttpRequest) -> HttpResponse:
    """The script that a partner names in one line; it puts the frame there and keeps it as tall as its content."""
    page = new_page(request)
    script = engines["jinja2"].get_template("guide/embed/widget.js").render({"page": page, "heights": HEIGHTS})
    response = HttpResponse(script, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = f"public, max-age={LOADER_SECONDS}"
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def widgets(request: HttpRequest) -> HttpResponse:
    """Choose what to show, see it, and copy one line."""
    page = new_page(request)
    asked = read_filters(request.GET, page)
    page.title = gettext("For your own web page")
    page.description = gettext("Put the region’s events, calendar or map on your own web page with one line.")
    page.query = asked.query
    page.robots = "noindex, follow" if asked.pairs else ""
    page.styles, page.scripts = ("guide/embed_builder.css",), ("guide/embed_builder.js",)
    shown = request.GET.get("show", "list")
    shown = shown if shown in SHOWS[:4] else "list"
    kind, limit = _kind(request), _limit(request.GET.get("limit", ""))
    own: dict[str, Any] = {}
    if shown == "list":
        own = {name: value for name, value in (("kind", kind), ("limit", limit)) if value not in ("event", 10)}
    query = "&".join(part for part in (asked.query, urlencode(own)) if part)
    frame = f"{page.base}/embed/{shown}/" + (f"?{query}" if query else "")
    attributes = f' data-show="{shown}" data-lang="{page.language}"' + (f' data-query="{query}"' if query else "")
    context = {
        "asked": asked,
        "chips": asked.chips(f"{page.base}/widgets/"),
        "shown": shown,
        "kind": kind,
        "limit": limit,
        "limits": LIMITS,
        "frame": frame,
        "line": f'<script src="{page.origin}/widget.js"{attributes.replace("&", "&amp;")} async></script>',
        "plain": f'<iframe src="{page.origin}{frame.replace("&", "&amp;")}" title="{page.brand.name}" width="100%" '
        f'height="{HEIGHTS[shown]}" loading="lazy" style="border:0"></iframe>',
        "theme_names": NAMES,
        "pick_path": f"{page.base}/{'map' if shown == 'map' else 'calendar' if shown == 'calendar' else kind + 's'}/"
        + (f"?{asked.query}" if asked.query else ""),
        "asset": asset,
    }
    return render(page, "guide/embed/widgets.html", context)
