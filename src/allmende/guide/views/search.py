"""Search and its suggestions."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext, ngettext

from allmende.catalogue import queries
from allmende.core import formats
from allmende.guide.filters import Asked, read_filters
from allmende.guide.page import PUBLIC_SECONDS, Page, new_page, render
from allmende.guide.views.lists import PATHS, address, item_list_ld

SHORTEST: Final = 2
"""Suggestions start with so many letters."""


def _tabs(asked: Asked, page: Page) -> list[tuple[str, str, bool]]:
    names = {
        "": gettext("Everything"),
        "event": gettext("Events"),
        "place": gettext("Places"),
        "offer": gettext("Offers"),
    }
    path = f"{page.base}/search/"
    return [
        (
            name,
            address(path, "&".join(p for p in (asked.query, f"kind={kind}" if kind else "") if p)),
            asked.kind == kind,
        )
        for kind, name in names.items()
    ]


def _count(listing: queries.Listing, page: Page) -> str:
    total = listing.total or 0
    n = formats.number(total, page.language)
    if listing.total_is_at_least:
        return gettext("More than %(n)s results") % {"n": n}
    return ngettext("%(n)s result", "%(n)s results", total) % {"n": n}


def search(request: HttpRequest) -> HttpResponse:
    """Everything that some words find, best first."""
    page = new_page(request)
    asked = read_filters(request.GET, page)
    words = asked.filters.q
    page.section = "search"
    page.query = "&".join(part for part in (asked.query, f"kind={asked.kind}" if asked.kind else "") if part)
    page.title = gettext("Search: %(words)s") % {"words": words} if words else gettext("Search")
    page.robots = "noindex, follow"
    page.search_text = words
    listing = queries.Listing([])
    if words:
        listing = queries.search(
            asked.filters, language=page.language, now=page.now, zone=page.zone, kind=asked.kind, after=asked.after
        )
    page.json_ld = [item_list_ld(page, listing.cards)]
    path = f"{page.base}/search/"
    more = "&".join(part for part in (page.query, f"after={listing.next_cursor}") if part)
    context = {
        "asked": asked,
        "words": words,
        "listing": listing,
        "count": _count(listing, page) if words else "",
        "tabs": _tabs(asked, page) if words else [],
        "chips": [chip for chip, pair in zip(asked.chips(path), asked.pairs, strict=False) if pair[0] != "q"],
        "categories": queries.categories("", page.language)[:12] if not listing.cards else [],
        "refine": address(page.base + PATHS[asked.kind], asked.query) if asked.kind else "",  # type: ignore[index]
        "next_path": f"{path}?{more}" if listing.next_cursor else "",
        "first_path": address(path, page.query) if asked.after else "",
        "other": address(path, urlencode({"q": listing.corrected})) if listing.corrected else "",
    }
    return render(page, "guide/search.html", context)


def suggest(request: HttpRequest) -> HttpResponse:
    """Completions of what is being typed."""
    words = request.GET.get("q", "").strip()[:100]
    found = queries.suggest(words, language=request.LANGUAGE_CODE) if len(words) >= SHORTEST else []
    response = JsonResponse(found, safe=False, json_dumps_params={"ensure_ascii": False})
    response["Cache-Control"] = f"public, max-age={PUBLIC_SECONDS}"
    return response
