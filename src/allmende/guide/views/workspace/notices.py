"""Notices: what happened and concerns me, by thing; read, unread, muted."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST, require_safe

from allmende.core.models import Notice
from allmende.core.notices import in_words, mark_read, mark_unread, mute, notices_of
from allmende.guide.views.workspace.frame import found, go, person, show, signed_in, workspace_page
from allmende.partners.tasks.queries import networks_of

PATH: Final = "/workspace/notices/"
SHOWN_READ: Final = 60


@dataclass(slots=True)
class Thing:
    """The notices about one thing."""

    notices: list[tuple[Notice, str]] = field(default_factory=list)
    """With their words, the latest first."""

    @property
    def ids(self) -> list[int]:
        return [notice.pk for notice, _ in self.notices]


def by_thing(notices: list[Notice]) -> list[Thing]:
    """Notices grouped by what they are about, the thing with the latest news first."""
    things: dict[tuple[str, int], Thing] = {}
    for notice in notices:
        things.setdefault((notice.subject_type, notice.subject_id), Thing()).notices.append((notice, in_words(notice)))
    return list(things.values())


def _moment(text: str) -> datetime | None:
    try:
        moment = parse_datetime(text[:40])
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None


@require_safe
@signed_in
def notices(request: HttpRequest) -> HttpResponse:
    """Unread ones first, then what was read lately."""
    user = person(request)
    page = workspace_page(request, "notices", gettext("Notices"))
    page.styles = (*page.styles, "guide/workspace/day.css")
    context = {
        "fresh": by_thing(notices_of(user, is_read=False)),
        "old": by_thing(notices_of(user, is_read=True, limit=SHOWN_READ)),
        "undo_at": _moment(request.GET.get("read", "").replace(" ", "+")),
    }
    return show(request, page, "notices.html", context)


@require_POST
@signed_in
def read(request: HttpRequest) -> HttpResponse:
    """Mark some as read, or all; the answer offers to take that back."""
    page = workspace_page(request, "notices", "")
    told = [int(one) for one in request.POST.getlist("id")[:500] if one.isdecimal() and len(one) < 19]
    n = mark_read(person(request), None if request.POST.get("all") else told, now=page.now)
    if not n:
        return go(request, PATH)
    note = ngettext("%(n)s notice is marked as read.", "%(n)s notices are marked as read.", n) % {"n": n}
    return go(request, f"{PATH}?read={page.now.isoformat().replace('+', '%2B')}", note)


@require_POST
@signed_in
def unread(request: HttpRequest) -> HttpResponse:
    """Take that back."""
    moment = found(_moment(request.POST.get("read", "")))
    mark_unread(person(request), read_at=moment)
    return go(request, PATH, gettext("They are unread again."))


@require_POST
@signed_in
def mute_network(request: HttpRequest) -> HttpResponse:
    """Hear nothing of one of my networks, or hear of it again."""
    within = request.POST.get("within", "")
    found(next((home for home in networks_of(person(request)) if home.key == within), None))
    is_muted = request.POST.get("mute") == "1"
    mute(person(request), within, is_muted=is_muted)
    note = gettext("You hear nothing of this network from now on.") if is_muted else gettext("You hear of it again.")
    return go(request, "/workspace/letters/", note)
