"""Neighbours: whom this region follows, who follows it, and with whom it exchanges nothing."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from allmende.federation import actions
from allmende.federation.models import Follower, Following
from allmende.federation.queries import overview
from allmende.federation.rules import may_federate
from allmende.federation.web import ask
from allmende.guide.page import Page
from allmende.guide.views.workspace import words
from allmende.guide.views.workspace.frame import found, go, person, show, signed_in, workspace_page

HERE: Final = "/workspace/federation/"
STATES: Final[words.Words] = {
    "asked": _("Asked, no answer yet"),
    "accepted": _("Accepted"),
    "refused": _("Refused"),
    "ended": _("Ended"),
    "pending": _("Waits for approval"),
}
BADGES: Final = {
    "asked": "previewed",
    "accepted": "applied",
    "refused": "refused",
    "ended": "withdrawn",
    "pending": "draft",
}


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def federation(request: HttpRequest) -> HttpResponse:
    """Follow, unfollow, let follow, block."""
    found(may_federate(person(request)) or None)
    page = workspace_page(request, "federation", gettext("Neighbours"))
    page.crumbs = ((gettext("Sources"), f"{page.base}/workspace/sources/"),)
    if request.method != "POST":
        return _page(request, page)
    do = {
        "follow": _follow,
        "unfollow": _unfollow,
        "accept": _settle,
        "refuse": _settle,
        "block": _block,
        "unblock": _unblock,
    }
    return found(do.get(request.POST.get("do", "")))(request, page)  # type: ignore[no-any-return]


def _page(
    request: HttpRequest, page: Page, *, field: str = "", error: str = "", told: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "o": overview(),
        "states": STATES,
        "badges": BADGES,
        "words": words,
        "policy": settings.ALLMENDE_FEDERATION,
        "wrong_field": field,
        "wrong_text": error,
        "told": told,
    }
    return show(request, page, "federation.html", context, status=status)


def _number(request: HttpRequest) -> int:
    told = request.POST.get("id", "")
    return int(told) if told.isdecimal() and len(told) < 18 else 0


def _follow(request: HttpRequest, page: Page) -> HttpResponse:
    told = request.POST.get("handle", "").strip()[:300]
    try:
        row = actions.follow(
            told,
            by=person(request),
            now=page.now,
            ask=ask,
            language=page.brand.default_language,
            timezone=page.brand.timezone,
        )
    except actions.FollowRefused as error:
        return _page(request, page, field="handle", error=str(error), told=told, status=422)
    note = gettext("%(name)s was asked. Its events come once it says yes, usually within minutes.")
    return go(request, HERE, note % {"name": row.actor.name})


def _unfollow(request: HttpRequest, page: Page) -> HttpResponse:
    row = found(Following.objects.select_related("actor").filter(pk=_number(request)).first())
    actions.unfollow(row, by=person(request), now=page.now)
    note = gettext("%(name)s is no longer followed. What came from there was withdrawn.")
    return go(request, HERE, note % {"name": row.actor.name})


def _settle(request: HttpRequest, page: Page) -> HttpResponse:
    row = found(Follower.objects.select_related("actor").filter(pk=_number(request)).first())
    accept = request.POST["do"] == "accept"
    actions.settle_follower(row, accept=accept, by=person(request), now=page.now)
    note = gettext("%(name)s may follow.") if accept else gettext("%(name)s does not follow any more.")
    return go(request, HERE, note % {"name": row.actor.name})


def _block(request: HttpRequest, page: Page) -> HttpResponse:
    told = request.POST.get("domain", "").strip()[:300]
    reason = request.POST.get("reason", "")
    try:
        block = actions.block_domain(told, reason=reason, by=person(request), now=page.now)
    except actions.FollowRefused as error:
        return _page(request, page, field="domain", error=str(error), told=told, status=422)
    return go(request, HERE, gettext("%(domain)s is blocked.") % {"domain": block.domain})


def _unblock(request: HttpRequest, page: Page) -> HttpResponse:
    domain = request.POST.get("domain", "")
    found(actions.unblock_domain(domain, by=person(request), now=page.now) or None)
    return go(request, HERE, gettext("%(domain)s is no longer blocked.") % {"domain": domain})
