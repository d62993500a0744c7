"""Pages about the site itself."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from allmende.catalogue import queries
from allmende.core.text import pick
from allmende.guide import pictures
from allmende.guide.page import Page, new_page, render


def _page(request: HttpRequest, title: str, description: str) -> Page:
    page = new_page(request)
    page.title, page.description = title, description
    page.styles = ("guide/areas.css",)
    return page


def accessibility(request: HttpRequest) -> HttpResponse:
    """The accessibility statement."""
    page = _page(
        request,
        gettext("Accessibility"),
        gettext("How accessible this guide is, what is still missing, and whom to tell."),
    )
    return render(page, "guide/about/accessibility.html")


def privacy(request: HttpRequest) -> HttpResponse:
    """What is stored about guests: next to nothing."""
    page = _page(
        request, gettext("Privacy"), gettext("No tracking, nothing from third parties, no cookie before you need it.")
    )
    return render(page, "guide/about/privacy.html", {"has_tiles": bool(settings.ALLMENDE_TILE_URL)})


def imprint(request: HttpRequest) -> HttpResponse:
    """Who answers for this site."""
    page = _page(request, gettext("Imprint"), gettext("Who answers for this guide."))
    return render(page, "guide/about/imprint.html", {"text": pick(page.brand.imprint, page.language)})


def sources(request: HttpRequest) -> HttpResponse:
    """Where everything comes from, with licences."""
    page = _page(
        request,
        gettext("Sources and licences"),
        gettext("Where events, places and maps come from, and under which licences."),
    )
    context = {
        "sources": queries.sources(),
        "outline_credits": list(dict.fromkeys(area.credit for area in pictures.grounds() if area.credit)),
        "tile_credit": settings.ALLMENDE_TILE_CREDIT if settings.ALLMENDE_TILE_URL else "",
    }
    return render(page, "guide/about/sources.html", context)
