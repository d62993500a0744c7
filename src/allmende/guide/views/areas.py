"""Pages of the region, its municipalities and categories."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.utils.translation import gettext

from allmende.catalogue import queries
from allmende.catalogue import vocabulary as words
from allmende.catalogue.queries import Filters, Listing, Named
from allmende.core.slugs import fold
from allmende.guide import pictures
from allmende.guide.labels import look
from allmende.guide.page import Page, new_page, render
from allmende.guide.views.lists import item_list_ld
from allmende.partners import queries as partners
from allmende.partners.queries import TerritoryPage
from allmende.partners.succession.queries import became_part_of

EVENTS_SHOWN, PLACES_SHOWN = 12, 8
FOUND_SHOWN = 60
STYLES = ("guide/areas.css",)


MOST_ON_A_PAGE = 600


def by_letter(entries: Iterable[Named]) -> list[tuple[str, list[Named]]]:
    """Entries under the first letter of their name, without marks; what begins with no letter comes first."""

    def letter(named: Named) -> str:
        first = fold(named.name)[:1].upper()
        return first if first.isalpha() else "#"

    ordered = sorted(entries, key=lambda named: (letter(named), fold(named.name)))
    return [(key, list(group)) for key, group in groupby(ordered, key=letter)]


def _upcoming(filters: Filters, page: Page, limit: int = EVENTS_SHOWN) -> Listing:
    return queries.list_events(filters, language=page.language, now=page.now, zone=page.zone, limit=limit)


def _places(filters: Filters, page: Page) -> Listing:
    return queries.list_places(filters, language=page.language, limit=PLACES_SHOWN)


def _offers(filters: Filters, page: Page) -> Listing:
    return queries.list_offers(filters, language=page.language, limit=PLACES_SHOWN)


def shelves(filters: Filters, page: Page) -> dict[str, Listing]:
    """What such a page shows of each kind."""
    return {
        "events": _upcoming(filters, page),
        "places": _places(filters, page),
        "offers": _offers(filters, page),
    }


def region(request: HttpRequest) -> HttpResponse:
    """The region as a whole: how much there is, where, and what is coming."""
    page = new_page(request)
    area = partners.region()
    page.title = area.name if area else gettext("The region")
    page.description = gettext("What there is in %(region)s, and where.") % {"region": page.title}
    page.styles = (*STYLES, "guide/map.css")
    page.json_ld = [_area_ld(page, area)] if area else []
    busiest = sorted(
        queries.municipalities(only_with_content=True, language=page.language), key=lambda named: -named.total
    )
    context = {
        "area": area,
        "totals": queries.totals(page.language),
        "picture": pictures.region_picture(
            gettext("Map of %(region)s") % {"region": page.title}, base=page.base, width=720
        ),
        "credit": "; ".join(dict.fromkeys(ground.credit for ground in pictures.grounds() if ground.credit)),
        "departments": [ground for ground in pictures.grounds() if ground.level == "department"],
        "busiest": busiest[:24],
        "kinds": _kinds(queries.categories("", page.language)[:8], page),
        "events": _upcoming(Filters(), page, 8),
    }
    return render(page, "guide/areas/region.html", context)


def _area_ld(page: Page, area: TerritoryPage) -> dict[str, Any]:
    types = {"region": "AdministrativeArea", "department": "AdministrativeArea", "municipality": "City"}
    value: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": types.get(area.level, "Place"),
        "name": area.name,
        "url": page.canonical,
        "identifier": area.code,
    }
    if area.lon is not None and area.lat is not None:
        value["geo"] = {"@type": "GeoCoordinates", "longitude": area.lon, "latitude": area.lat}
    if area.parent:
        value["containedInPlace"] = {"@type": "AdministrativeArea", "name": area.parent.name}
    return value


def municipalities(request: HttpRequest) -> HttpResponse:
    """All municipalities that have something, by letter; any municipality by a search."""
    page = new_page(request)
    wanted = request.GET.get("q", "").replace("\0", " ").strip()[:80]
    page.title = gettext("Municipalities")
    page.description = gettext("Every municipality of the region with its events and places.")
    page.robots = "noindex" if wanted else ""
    page.styles = STYLES
    entries = queries.municipalities(language=page.language)
    shown = [named for named in entries if named.total]
    if wanted:
        found = {area.id for area in partners.search_municipalities(wanted, FOUND_SHOWN)}
        shown = [named for named in entries if named.id in found]
    letters = by_letter(shown)
    index, letter = [], ""
    if len(shown) > MOST_ON_A_PAGE:
        # A large region: one letter at a time, so that the page stays light.
        index = [key for key, _ in letters]
        letter = request.GET.get("letter", "")
        letter = letter if letter in index else index[0]
        letters = [(key, group) for key, group in letters if key == letter]
    context = {"letters": letters, "index": index, "letter": letter, "wanted": wanted, "n": len(shown)}
    return render(page, "guide/areas/municipalities.html", context)


def municipality(request: HttpRequest, code: str) -> HttpResponse:
    """One municipality; the address may carry an old name after the code."""
    official, _, slug = code.partition("-")
    area = partners.municipality(official)
    if area is None:
        raise Http404
    page = new_page(request)
    if area.successor:
        return HttpResponsePermanentRedirect(f"{page.base}/municipalities/{area.successor.code}-{area.successor.slug}/")
    if slug != area.slug:
        return HttpResponsePermanentRedirect(f"{page.base}/municipalities/{area.code}-{area.slug}/")
    page.title = area.name
    page.description = gettext("Events, places and offers in %(place)s.") % {"place": area.name}
    page.crumbs = ((gettext("Municipalities"), f"{page.base}/municipalities/"),)
    page.styles = STYLES
    page.json_ld = [_area_ld(page, area)]
    label = gettext("Where %(place)s lies") % {"place": area.name}
    known = {named.id: named for named in queries.municipalities(language=page.language)}
    context = {
        "area": area,
        "named": known.get(area.id),
        "picture": pictures.where(area.id, area.lon, area.lat, label),
        "neighbours": [known[near.id] for near in area.neighbours if near.id in known],
        "more": f"municipality={area.code}",
        "parts": became_part_of(area.id),
        **shelves(Filters(municipality=area.id), page),
    }
    return render(page, "guide/areas/municipality.html", context)


def _kinds(entries: list[Named], page: Page) -> list[tuple[Any, Named]]:
    """Categories with their looks; what fits none stands last."""
    ordered = sorted(entries, key=lambda named: named.slug == "other")
    return [(look(named.slug, page.language), named) for named in ordered]


def categories(request: HttpRequest) -> HttpResponse:
    """All categories that have something."""
    page = new_page(request)
    page.title = gettext("Categories")
    page.description = gettext("Everything in this guide by what it is.")
    page.styles = STYLES
    entries = queries.categories("", page.language)
    groups = [
        (
            gettext("Events"),
            _kinds([named for named in entries if named.events >= max(named.places, named.offers)], page),
        ),
        (gettext("Places and offers"), _kinds([n for n in entries if n.events < max(n.places, n.offers)], page)),
    ]
    return render(page, "guide/areas/categories.html", {"groups": [group for group in groups if group[1]]})


def category(request: HttpRequest, key: str) -> HttpResponse:
    """One category: what is coming, what there is."""
    known = words.category(key)
    if known is None:
        raise Http404
    page = new_page(request)
    found = look(key, page.language)
    page.title = found.many
    page.description = gettext("%(category)s: what is coming and where to go.") % {"category": found.many}
    page.crumbs = ((gettext("Categories"), f"{page.base}/categories/"),)
    page.styles = STYLES
    entries = queries.categories("", page.language)
    found_here = shelves(Filters(category=(key,)), page)
    page.json_ld = [item_list_ld(page, [card for listing in found_here.values() for card in listing.cards])]
    context = {
        "look": found,
        "named": next((named for named in entries if named.slug == key), None),
        "others": _kinds([named for named in entries if named.slug != key][:10], page),
        "more": f"category={key}",
        **found_here,
    }
    return render(page, "guide/areas/category.html", context)
