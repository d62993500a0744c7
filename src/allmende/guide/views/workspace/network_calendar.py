"""Dates of a network and what its members have coming up; a secret calendar address for each person."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from allmende.catalogue import queries as catalogue
from allmende.guide.bridges.meetings import calendar_entry
from allmende.guide.page import Page, new_page
from allmende.guide.views.machine import calendar_answer
from allmende.guide.views.workspace.frame import found, go, person, signed_in
from allmende.guide.views.workspace.network_frame import (
    as_not_there,
    day_in,
    hour_in,
    network_page,
    show_network,
    text_in,
)
from allmende.partners.models import Network, NetworkDate
from allmende.partners.networks import actions
from allmende.partners.networks.queries.desk import Desk, Meeting, date_to_change, dates_of, members_of
from allmende.partners.networks.queries.files import feed_of, network_of_feed

MOST_EVENTS = 24
PAST = timedelta(days=365)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def calendar(request: HttpRequest, slug: str) -> HttpResponse:
    """Own dates, the members' coming events, a form for another date, and the calendar address."""
    desk, page = network_page(request, slug, gettext("Calendar"))
    if request.method != "POST":
        return _show(request, desk, page)
    by, here = person(request), f"/workspace/networks/{slug}/calendar/"
    do = request.POST.get("do", "")
    try:
        with as_not_there():
            if do == "feed":
                token = actions.make_feed(desk.network, by=by, now=page.now)
                return _show(request, desk, page, token=token)
            if do == "revoke":
                actions.revoke_feed(desk.network, by=by, now=page.now)
                return go(request, here, gettext("The calendar address is useless from now on."))
            _save(request, desk, page)
            return go(request, here, gettext("The date is in the calendar."))
    except actions.NetworkRefused as error:
        return _show(request, desk, page, error=str(error))


def _save(request: HttpRequest, desk: Desk, page: Page, change: NetworkDate | None = None) -> None:
    day = day_in(request, "day")
    if day is None:
        raise actions.NetworkRefused(gettext("Choose the day."))
    actions.save_date(
        desk.network,
        title=text_in(request, "title"),
        day=day,
        at=hour_in(request, "at"),
        until=hour_in(request, "until"),
        kind=text_in(request, "kind"),
        place=text_in(request, "place"),
        notes=text_in(request, "notes"),
        is_public=request.POST.get("is_public") == "1",
        change=change,
        by=person(request),
        now=page.now,
    )


def _show(request: HttpRequest, desk: Desk, page: Page, *, error: str = "", token: str = "") -> HttpResponse:
    network = desk.network
    ids = tuple(member.id for member in members_of(network.pk, page.language))
    filters = catalogue.Filters(organisations=ids)
    events = []
    if ids:
        events = catalogue.list_events(
            filters, language=page.language, now=page.now, zone=page.zone, limit=MOST_EVENTS
        ).cards
    context = {
        "dates": dates_of(network.pk, page.today),
        "events": events,
        "kinds": [(key, str(label)) for key, label in NetworkDate.Kind.choices],
        "kind_words": {key: str(label) for key, label in NetworkDate.Kind.choices},
        "feed_since": feed_of(network.pk, person(request)),
        "feed_address": f"{page.origin}{page.base}/networks/feeds/{token}.ics" if token else "",
        "error": error,
        "told": request.POST if error else {},
    }
    return show_network(request, desk, page, "calendar", context, status=422 if error else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def one_date(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Change a date or call it off."""
    desk, page = network_page(request, slug, gettext("Edit the date"))
    one = found(date_to_change(desk, pk))
    error, back = "", f"/workspace/networks/{slug}/calendar/"
    if request.method == "POST":
        try:
            with as_not_there():
                if request.POST.get("do") == "remove":
                    actions.remove_date(one, by=person(request), now=page.now)
                    return go(request, back, gettext("The date is removed."))
                _save(request, desk, page, one)
                return go(request, back, gettext("Saved."))
        except actions.NetworkRefused as refused:
            error = str(refused)
    page.crumbs = (*page.crumbs, (gettext("Calendar"), f"{page.base}{back}"))
    told = {
        "title": one.title,
        "day": one.day.isoformat(),
        "at": f"{one.at:%H:%M}" if one.at else "",
        "until": f"{one.until:%H:%M}" if one.until else "",
        "kind": one.kind,
        "place": one.place,
        "notes": one.notes,
        "is_public": "1" if one.is_public else "",
    }
    context = {
        "one": one,
        "kinds": [(key, str(label)) for key, label in NetworkDate.Kind.choices],
        "error": error,
        "told": request.POST if error else told,
    }
    return show_network(request, desk, page, "date_edit", context, status=422 if error else 200)


@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponseBase:
    """The calendar of a network for whoever has its secret address: own dates, and the members' public events."""
    network = network_of_feed(token)
    if network is None:
        raise Http404
    page = new_page(request)
    return private_calendar(calendar_of(network, page, dates_of(network.pk, page.today - PAST)))


def calendar_of(network: Network, page: Page, dates: Iterable[Meeting], *, is_public: bool = False) -> HttpResponseBase:
    """Dates of a network and its members' public events as a calendar file."""
    place = "/networks/{}/" if is_public else "/workspace/networks/{}/calendar/"
    url = f"{page.origin}{page.base}{place.format(network.slug)}"
    host = urlsplit(page.origin).hostname or "localhost"
    entries = [calendar_entry(one, zone=page.zone, host=host, url=url) for one in dates]
    # No organisation has the number 0: a network without members has no events, rather than all.
    ids = tuple(member.id for member in members_of(network.pk, page.language)) or (0,)
    body = catalogue.calendar_file(
        catalogue.Filters(organisations=ids),
        name=network.name,
        url=url,
        language=page.language,
        now=page.now,
        zone=page.zone,
        more=entries,
    )
    return calendar_answer(body, network.slug)


def private_calendar(answer: HttpResponseBase) -> HttpResponseBase:
    """Keep a calendar with a secret address out of every cache, and its address out of search engines."""
    answer["Cache-Control"] = "private, no-store"
    answer["X-Robots-Tag"] = "noindex"
    answer["Referrer-Policy"] = "no-referrer"
    return answer
