"""What a guest has saved, without an account."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, HttpResponseRedirect, JsonResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from allmende.catalogue import queries
from allmende.catalogue.queries.shapes import Card
from allmende.core.pages import localized
from allmende.guide import favourites as saved
from allmende.guide.page import new_page, render


def is_own_site(request: HttpRequest) -> bool:
    """Whether a browser says that the request comes from a page of this site.

    Public pages are shared between people and so carry no CSRF token; saving a favourite needs none, because browsers
    tell where a request comes from.
    """
    site = request.headers.get("Sec-Fetch-Site", "")
    origin = request.headers.get("Origin", "")
    return site in {"", "same-origin", "none"} and (not origin or urlsplit(origin).netloc == request.get_host())


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def favourites(request: HttpRequest) -> HttpResponse:
    """The list that this browser has saved, or a list that someone sent."""
    return change(request) if request.method == "POST" else show(request)


def change(request: HttpRequest) -> HttpResponse:
    """Save or drop one thing, save a whole list, or drop all."""
    if not is_own_site(request):
        return HttpResponseForbidden(gettext("This form was not sent from this site."), content_type="text/plain")
    keys = saved.of(request)
    for key in saved.parse(request.POST.get("toggle", "")):
        keys = saved.toggled(keys, key)
    if "add" in request.POST:
        keys = saved.parse(saved.joined([*saved.parse(request.POST["add"]), *keys]))
    if "clear" in request.POST:
        keys = []
    response: HttpResponse
    if "application/json" in request.headers.get("Accept", ""):
        response = JsonResponse({"items": keys})
    else:
        response = HttpResponseRedirect(_back(request))
        response.status_code = 303
    saved.keep(response, keys)
    response["Cache-Control"] = "private, no-store"
    return response


def _back(request: HttpRequest) -> str:
    """Where the guest came from, if that is a page of this site."""
    referer = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(referer, {request.get_host()}, require_https=request.is_secure())
    return referer if is_ours and "toggle" in request.POST else localized("/favourites/", request.LANGUAGE_CODE)


def show(request: HttpRequest) -> HttpResponse:
    page = new_page(request)
    page.robots = "noindex"
    page.styles = ("guide/areas.css",)
    own = saved.of(request)
    is_sent = "items" in request.GET
    keys = saved.parse(request.GET["items"]) if is_sent else own
    page.section = "" if is_sent else "favourites"
    page.title = gettext("A list for you") if is_sent else gettext("Saved")
    cards = queries.cards_by_keys(keys, language=page.language, now=page.now) if keys else []
    link = f"{page.origin}{page.base}/favourites/?items={saved.joined(keys)}"
    context = {
        "is_sent": is_sent,
        "groups": _groups(cards),
        "keys": saved.joined(keys),
        "link": link,
        "missing": len(keys) - len(cards),
        "is_all_saved": set(keys) <= set(own),
        "has_events": any(card.kind == "event" for card in cards),
    }
    return render(page, "guide/favourites.html", context, max_age=0)


def _groups(cards: list[Card]) -> list[tuple[str, list[Card]]]:
    """Events by their date first, then places and offers by name."""
    events = sorted((c for c in cards if c.kind == "event"), key=lambda c: (c.day is None, c.day, c.name.text))
    places = sorted((c for c in cards if c.kind == "place"), key=lambda c: c.name.text)
    offers = sorted((c for c in cards if c.kind == "offer"), key=lambda c: c.name.text)
    groups = ((gettext("Events"), events), (gettext("Places"), places), (gettext("Offers"), offers))
    return [(heading, found) for heading, found in groups if found]
