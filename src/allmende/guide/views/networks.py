"""Networks in the guide: what they are, who is in them, what they have coming up, how to join."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from allmende.catalogue import queries as catalogue
from allmende.guide.page import Page, new_page, render
from allmende.guide.views.workspace.network_calendar import calendar_of
from allmende.guide.views.workspace.network_files import file_answer
from allmende.guide.views.workspace.network_frame import network_look
from allmende.partners.models import NetworkDate
from allmende.partners.networks.queries.desk import dates_of
from allmende.partners.networks.queries.files import file_version
from allmende.partners.networks.queries.lists import public_networks
from allmende.partners.networks.queries.public import PublicNetwork, public_by_slug, public_network

STYLES = ("guide/areas.css", "guide/networks.css")
EVENTS_SHOWN = 12


@require_safe
def networks(request: HttpRequest) -> HttpResponse:
    """All networks with a page."""
    page = new_page(request)
    page.title = gettext("Networks")
    page.description = gettext("What organisations of the region do together, and how to join.")
    page.styles = STYLES
    context = {"networks": public_networks(page.language), "look_of": network_look}
    return render(page, "guide/networks/list.html", context)


@require_safe
def network(request: HttpRequest, slug: str) -> HttpResponse:
    """One network."""
    page = new_page(request)
    shown = public_network(slug, page.language, page.today)
    if shown is None:
        raise Http404
    page.title = shown.name
    page.description = " ".join(shown.about.text.split())[:160] or gettext("A network of organisations of the region.")
    page.crumbs = ((gettext("Networks"), f"{page.base}/networks/"),)
    page.styles = STYLES
    page.picture = f"/media/{shown.picture}" if shown.picture else ""
    page.json_ld = [_json_ld(page, shown)]
    ids = tuple(member.id for member in shown.members)
    events = []
    if ids:
        filters = catalogue.Filters(organisations=ids)
        events = catalogue.list_events(
            filters, language=page.language, now=page.now, zone=page.zone, limit=EVENTS_SHOWN
        ).cards
    context = {
        "network": shown,
        "look_of": network_look,
        "events": events,
        "date_kinds": {key: str(label) for key, label in NetworkDate.Kind.choices},
    }
    return render(page, "guide/networks/network.html", context)


def _json_ld(page: Page, shown: PublicNetwork) -> dict[str, Any]:
    return {
        "@context": "https://schema.org",
        "@type": "Organization",
        "name": shown.name,
        "url": page.canonical,
        "member": [
            {
                "@type": "Organization",
                "name": member.name,
                "url": f"{page.origin}{page.base}/organisations/{member.slug}-{member.id}/",
            }
            for member in shown.members[:100]
        ],
    } | ({"logo": page.origin + page.picture} if page.picture else {})


@require_safe
def network_ics(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The public dates of a network, and its members' public events, to subscribe to."""
    found = public_by_slug(slug)
    if found is None:
        raise Http404
    page = new_page(request)
    return calendar_of(found, page, dates_of(found.pk, page.today, only_public=True), is_public=True)


@require_safe
def network_file(request: HttpRequest, slug: str, pk: int) -> HttpResponseBase:
    """A file that everybody may have."""
    found = public_by_slug(slug)
    version = file_version(None, found, pk) if found else None
    if version is None:
        raise Http404
    return file_answer(version)
