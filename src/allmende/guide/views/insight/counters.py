"""Counters: connected, changed, and what came from them."""

from __future__ import annotations

import json
import shlex
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from allmende.core import formats
from allmende.guide.page import Page
from allmende.guide.views.insight.deliveries import HERE as DELIVERIES
from allmende.guide.views.insight.frame import insight_page, show_insight
from allmende.guide.views.workspace.frame import found, go, person, signed_in
from allmende.guide.views.workspace.inputs.base import clean
from allmende.insight.counters import actions, queries
from allmende.insight.models import Counter
from allmende.insight.owners import owners_to_choose
from allmende.insight.sites import queries as sites
from allmende.insight.values import Measure

STYLES: Final = ("guide/insight/deliveries.css",)
HERE: Final = "/workspace/insight/counters/"


def state_words() -> dict[str, tuple[str, str]]:
    """What a counter's states are called, and how their badges look."""
    return {
        queries.OK: (gettext("Counts"), "state-applied"),
        queries.SILENT: (gettext("Silent"), "bad"),
        queries.PAUSED: (gettext("Paused"), "warn"),
        queries.NEVER: (gettext("Nothing has come yet"), "warn"),
    }


def _page(request: HttpRequest, title: str) -> Page:
    page = insight_page(request, title, styles=STYLES)
    page.crumbs = ((gettext("Deliveries"), f"{page.base}{DELIVERIES}"), (gettext("Counters"), f"{page.base}{HERE}"))
    return page


@require_safe
@signed_in
def counters(request: HttpRequest) -> HttpResponse:
    """The counters of my organisations."""
    page = _page(request, gettext("Counters"))
    page.crumbs = page.crumbs[:1]
    user = person(request)
    context = {
        "rows": queries.list_counters(user, now=page.now),
        "states": state_words(),
        "may_connect": bool(owners_to_choose(user)),
        "moment": lambda at: formats.at_local(at.astimezone(page.zone), page.language),
    }
    return show_insight(request, page, "deliveries", "counters.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def new_counter(request: HttpRequest) -> HttpResponse:
    """Connect a counter to a place."""
    user = person(request)
    mine = sites.sites_to_edit(user).filter(ended_on__isnull=True).order_by("name")
    found(owners_to_choose(user) or None)
    page = _page(request, gettext("Connect a counter"))
    if request.method != "POST":
        typed = {
            "minutes": "15",
            "factor": "1",
            "silent_after_minutes": "180",
            "measure": "",
            "site": request.GET.get("site", ""),
        }
        return _form(request, page, None, typed, {}, mine)
    site = found(mine.filter(slug=clean(request.POST.get("site", ""))).first())
    try:
        counter = actions.connect_counter(site, _facts(request), by=user, now=page.now)
    except actions.CounterRefused as error:
        return _form(request, page, None, request.POST.dict(), error.faults, mine)
    return go(request, f"{HERE}{counter.pk}/", gettext("Connected. Send its first reading as shown here."))


def _facts(request: HttpRequest) -> actions.CounterFacts:
    posted = request.POST
    return actions.CounterFacts(
        key=clean(posted.get("key", "")),
        name=clean(posted.get("name", "")),
        measure=posted.get("measure", ""),
        minutes=_whole(posted.get("minutes", "")),
        factor=_number(posted.get("factor", "")),
        silent_after_minutes=_whole(posted.get("silent_after_minutes", "")),
        is_paused=bool(posted.get("is_paused")),
    )


def _whole(text: str) -> int:
    return int(text) if text.strip().isdecimal() and len(text) < 9 else -1


def _number(text: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return -1.0


def _form(
    request: HttpRequest,
    page: Page,
    counter: Counter | None,
    typed: dict[str, Any],
    faults: dict[str, str],
    mine: Any = (),
) -> HttpResponse:
    context = {
        "counter": counter,
        "typed": typed,
        "faults": faults,
        "sites": [(one.slug, one.name) for one in mine],
        "measures": Measure.choices,
        "minutes": [(n, n) for n in actions.MINUTES],
        "states": state_words(),
        "state": queries.state_of(counter, page.now) if counter else "",
        "readings": queries.last_readings(counter) if counter else [],
        "curl": curl_of(counter, page) if counter else "",
        "moment": lambda at: formats.at_local(at.astimezone(page.zone), page.language),
    }
    return show_insight(request, page, "deliveries", "counter.html", context, status=422 if faults else 200)


def curl_of(counter: Counter, page: Page) -> str:
    """A command that sends the reading of the current period."""
    start = int(page.now.timestamp()) // (60 * counter.minutes) * 60 * counter.minutes
    begin = page.now.fromtimestamp(start, page.now.tzinfo).isoformat().replace("+00:00", "Z")
    told = {"phenomenonTime": begin, "result": 12, "Datastream": {"@iot.id": counter.key}}
    address = f"{settings.ALLMENDE_PUBLIC_URL}/api/v1/readings"
    return (
        f"curl {shlex.quote(address)} \\\n"
        '  -H "Authorization: Bearer $ALLMENDE_KEY" \\\n'
        '  -H "Content-Type: application/json" \\\n'
        f"  -d {shlex.quote(json.dumps(told))}"
    )


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def counter(request: HttpRequest, pk: int) -> HttpResponse:
    """A counter: its last readings, how to send one, its settings."""
    user = person(request)
    one: Counter = found(queries.counter_to_change(user, pk))
    page = _page(request, one.name or one.key)
    if request.method != "POST":
        typed = {
            "name": one.name,
            "factor": f"{one.factor:g}",
            "silent_after_minutes": one.silent_after_minutes,
            "is_paused": one.is_paused,
        }
        return _form(request, page, one, typed, {})
    told = _facts(request)
    facts = actions.CounterFacts(
        key=one.key,
        name=told.name,
        minutes=one.minutes,
        factor=told.factor,
        silent_after_minutes=told.silent_after_minutes,
        is_paused=told.is_paused,
    )
    try:
        actions.change_counter(one, facts, by=user, now=page.now)
    except actions.CounterRefused as error:
        return _form(request, page, one, request.POST.dict(), error.faults)
    return go(request, f"{HERE}{pk}/", gettext("Saved."))
