"""Pages of one event, place or offer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect, HttpResponseRedirect
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext

from allmende.catalogue import queries
from allmende.catalogue.queries import Card, Detail, Filters
from allmende.catalogue.values import Kind
from allmende.core import formats
from allmende.federation.answers import answer_event
from allmende.federation.negotiation import wants_activity
from allmende.guide import busy, pictures
from allmende.guide import details as words
from allmende.guide.brand import zone_of
from allmende.guide.bridges import jsonld
from allmende.guide.bridges.opening import opening_of
from allmende.guide.cards import date_line
from allmende.guide.labels import look
from allmende.guide.page import Page, new_page, render

AT_PLACE: Final = 8
SIMILAR: Final = 8
Ld = Callable[[Detail, str, list[str]], list[dict[str, Any]]]
LD: Final[dict[Kind, Ld]] = {"event": jsonld.event_ld, "place": jsonld.place_ld, "offer": jsonld.offer_ld}


def _found(kind: Kind, pk: int, page: Page) -> Detail | None:
    read = {"event": queries.event_detail, "place": queries.place_detail, "offer": queries.offer_detail}[kind]
    detail = read(pk, language=page.language, now=page.now)
    if detail is None and (union := queries.stands_for(kind, [pk]).get(pk)):
        detail = read(union, language=page.language, now=page.now)
    return detail


def _in_another_language(kind: Kind, pk: int, page: Page, prefix: str) -> HttpResponse:
    """An address without a language leads to one in which the record is shown; one with a language is not there."""
    shown = queries.languages_of(kind, pk)
    if prefix or not shown or page.language in shown:
        raise Http404
    return HttpResponseRedirect(f"/{shown[0]}{page.path}")


def _path(detail: Detail) -> str:
    return f"/{detail.kind}s/{detail.slug}-{detail.id}/"


def _list_name(kind: Kind) -> str:
    return {"event": gettext("Events"), "place": gettext("Places"), "offer": gettext("Offers")}[kind]


def gone(page: Page, detail: Detail, similar: list[Card]) -> HttpResponse:
    """The page of a thing that was withdrawn."""
    page.title = gettext("No longer listed: %(name)s") % {"name": detail.name.text}
    page.robots = "noindex"
    return render(page, "guide/410.html", {"detail": detail, "similar": similar}, status=410)


def _head(page: Page, detail: Detail) -> None:
    page.section = detail.kind + "s"
    page.only_in = detail.shown_in
    page.title = detail.name.text
    page.robots = "" if detail.source is None or detail.source.is_indexed else "noindex"
    page.description = words.summary_of(detail)
    crumbs = [(_list_name(detail.kind), f"{page.base}/{detail.kind}s/")]
    if detail.municipality:
        crumbs.append((detail.municipality.name, f"{page.base}/municipalities/{detail.municipality.slug}/"))
    page.crumbs = tuple(crumbs)
    files = [f"/media/{picture.file}" for picture in detail.pictures]
    page.picture = files[0] if files else ""
    page.json_ld = LD[detail.kind](detail, page.canonical, [page.origin + file for file in files])
    page.styles = ("guide/detail.css",)


def _where(page: Page, detail: Detail) -> dict[str, Any]:
    label = gettext("Map: where %(name)s lies") % {"name": detail.name.text}
    town = detail.municipality.id if detail.municipality else None
    return {
        "address": words.address_lines(detail),
        "map": pictures.where(town, detail.lon, detail.lat, label),
        "point": f"{detail.lat:.5f},{detail.lon:.5f}" if detail.lat is not None else "",
    }


def _detail(request: HttpRequest, kind: Kind, slug: str, pk: int) -> HttpResponse:
    page = new_page(request)
    prefix = page.base if getattr(request, "language_in_path", "") else ""
    detail = _found(kind, pk, page)
    if detail is None:
        return _in_another_language(kind, pk, page, prefix)
    if detail.id != pk:  # another record stands for this one, until somebody separates them
        return HttpResponseRedirect(prefix + _path(detail))
    path = _path(detail)
    if page.path != path:
        return HttpResponsePermanentRedirect(prefix + path)
    similar = queries.similar_nearby(detail, language=page.language, now=page.now, zone=page.zone, limit=SIMILAR)
    if detail.state == "withdrawn":
        return gone(page, detail, similar)
    _head(page, detail)
    language = page.language
    context: dict[str, Any] = {
        "d": detail,
        "key": f"{kind[0]}{detail.id}",
        "look": look(detail.category, language),
        "others": [look(key, language) for key in detail.categories if key != detail.category],
        "facts": words.access_facts(detail, language),
        "prices": words.price_lines(detail, language),
        "audience": words.audience_words(detail, language),
        "where": _where(page, detail),
        "site_name": words.site_name(detail.url) if detail.url else "",
        "updated": formats.day_medium(detail.updated_at.astimezone(page.zone).date(), language),
        "similar": similar,
        "here": [],
        "offers_here": [],
        "opening": opening_of(
            detail.hours, now=page.now.astimezone(zone_of(detail.timezone)), country=detail.country, language=language
        ),
        "is_over": kind == "event" and not detail.dates,
        "dates": [date_line(line, language) for line in detail.dates],
        "first_dates": words.FIRST_DATES,
        "busy": None,
    }
    if kind == "place":
        filters = Filters(place=detail.id)
        listing = queries.list_events(filters, language=language, now=page.now, zone=page.zone, limit=AT_PLACE)
        context["here"] = listing.cards
        context["offers_here"] = queries.list_offers(filters, language=language, limit=AT_PLACE).cards
        context["busy"] = busy.place_block(detail, page)
        if context["busy"]:
            page.styles = (*page.styles, busy.STYLE)
    return render(page, "guide/detail.html", context)


def event(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One event: its page, or the object of the federation for programs that ask for it."""
    if wants_activity(request.headers.get("Accept", "")):
        return answer_event(request, pk)
    response = _detail(request, "event", slug, pk)
    has_language = bool(getattr(request, "language_in_path", ""))
    patch_vary_headers(response, ["Accept"] if has_language else ["Accept", "Accept-Language"])
    return response


def place(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One place."""
    return _detail(request, "place", slug, pk)


def offer(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One offer."""
    return _detail(request, "offer", slug, pk)
