"""What waits for review, for the editors and coordinators of networks; and the owner's side of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST, require_safe

from allmende.catalogue.actions.edit import EditOvertaken, EditRefused
from allmende.catalogue.actions.editorial import review as actions
from allmende.catalogue.queries import editing
from allmende.catalogue.queries.editorial import review as queries
from allmende.catalogue.queries.editorial.plans import plans_of
from allmende.catalogue.queries.editorial.review import Review
from allmende.catalogue.rules import ReviewForbidden
from allmende.guide.page import Page
from allmende.guide.views.workspace import words
from allmende.guide.views.workspace.differences import rows_of
from allmende.guide.views.workspace.frame import found, go, person, show, signed_in, workspace_page
from allmende.partners.policy.queries import reviews_in_a_network

STYLE = "guide/workspace/editorial.css"


def _page(request: HttpRequest, title: str) -> Page:
    page = workspace_page(request, "review", title)
    page.styles = (*page.styles, STYLE)
    return page


def age_in_words(since: datetime, now: datetime) -> str:
    """How long something waits: in days, hours or minutes."""
    waited = max(now - since, timedelta())
    if waited.days:
        return ngettext("%(n)s day", "%(n)s days", waited.days) % {"n": waited.days}
    hours = waited.seconds // 3600
    if hours:
        return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}
    minutes = max(1, waited.seconds // 60)
    return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}


@require_safe
@signed_in
def queue(request: HttpRequest) -> HttpResponse:
    """What waits, the oldest first."""
    user = person(request)
    found(reviews_in_a_network(user) or None)
    page = _page(request, gettext("Review"))
    asked = request.GET.get("network", "")
    network = int(asked) if asked.isdecimal() and len(asked) < 10 else None
    rows = queries.review_queue(user, language=page.language)
    networks = {one.id: one.name for row in rows for one in row.networks}
    shown = [row for row in rows if network is None or any(one.id == network for one in row.networks)]
    page.query = f"network={network}" if network else ""
    context = {
        "rows": shown,
        "networks": sorted(networks.items(), key=lambda one: one[1]),
        "network": network,
        "age": lambda since: age_in_words(since, page.now),
        "words": words,
    }
    return show(request, page, "review.html", context)


def _see(request: HttpRequest, pk: int, language: str) -> Review:
    review: Review = found(queries.review_to_see(person(request), pk, language=language))
    return review


@require_safe
@signed_in
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One submission: what differs, what was said, what to do."""
    return _show(request, pk)


def _show(request: HttpRequest, pk: int, *, error: str = "", word: str = "", status: int = 200) -> HttpResponse:
    page = _page(request, gettext("Review"))
    seen = _see(request, pk, page.language)
    page.title = seen.name.text or f"{seen.kind} {seen.item_id}"
    page.crumbs = ((gettext("Review"), f"{page.base}/workspace/review/"),)
    context = {
        "review": seen,
        "rows": rows_of(seen.before, seen.after, page.language, moved=seen.moved),
        "comments": queries.comments_of(person(request), seen.kind, seen.item_id),
        "age": age_in_words(seen.submitted_at, page.now),
        "plan": plans_of(seen.kind, [seen.item_id]).get(seen.item_id),
        "error": error,
        "word": word,
        "words": words,
        "here": f"{page.base}/workspace/review/{pk}/",
        "public_path": f"{page.base}/{seen.kind}s/{seen.slug}-{seen.item_id}/",
    }
    return show(request, page, "review_one.html", context, status=status)


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


@require_POST
@signed_in
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept, ask for a change, look at it oneself, leave it to others, or take an acceptance back."""
    page = _page(request, "")
    seen = _see(request, pk, page.language)
    user, asked = person(request), request.POST.get("do", "")
    here, queue_path = f"/workspace/review/{pk}/", "/workspace/review/"
    version = _moment(request.POST.get("seen", ""))
    name = {"name": seen.name.text}
    word = request.POST.get("word", "")
    try:
        if asked == "accept":
            is_public = actions.accept_submission(pk, by=user, now=page.now, seen=version)
            public, later = gettext("“%(name)s” is public now."), gettext("“%(name)s” will be published at its time.")
            return go(request, here, (public if is_public else later) % name)
        if asked == "change":
            actions.please_change(pk, word, by=user, now=page.now, seen=version)
            return go(request, queue_path, gettext("“%(name)s” went back with your word.") % name)
        if asked == "claim":
            actions.claim_submission(pk, by=user, now=page.now)
            return go(request, here, gettext("The others see that you look at it."))
        if asked == "release":
            actions.release_claim(pk, by=user, now=page.now)
            return go(request, queue_path, gettext("Left to the others."))
        if asked == "undo":
            actions.undo_acceptance(pk, by=user, now=page.now)
            return go(request, here, gettext("Taken back: “%(name)s” waits for review again.") % name)
    except actions.WordMissing:
        sentence = gettext("Please say in a word what should be changed.")
        return _show(request, pk, error=sentence, status=422)
    except EditOvertaken:
        sentence = gettext("It was changed while you looked at it. Here is how it is now; please look again.")
        return _show(request, pk, error=sentence, word=word, status=409)
    except actions.AlreadyDecided:
        sentence = gettext("Nothing was changed: somebody else has decided about this meanwhile.")
        return _show(request, pk, error=sentence, word=word, status=409)
    except EditRefused as refused:
        return _show(request, pk, error=str(refused), word=word, status=422)
    return go(request, here)


@require_POST
@signed_in
def say(request: HttpRequest, pk: int) -> HttpResponse:
    """A reviewer writes to the owner's people."""
    page = _page(request, "")
    seen = _see(request, pk, page.language)
    actions.comment(seen.kind, seen.item_id, request.POST.get("text", ""), by=person(request), now=page.now)
    return go(request, f"/workspace/review/{pk}/#talk")


@require_POST
@signed_in
def answer(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """The owner's people write about a record."""
    page = _page(request, "")
    found(editing.record_to_edit(person(request), kind, pk))
    try:
        actions.comment(kind, pk, request.POST.get("text", ""), by=person(request), now=page.now)
    except ReviewForbidden:
        found(None)
    return go(request, f"/workspace/records/{kind}/{pk}/#talk")


@require_POST
@signed_in
def take_back(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """The owner's people take back what waits."""
    page = _page(request, "")
    found(editing.record_to_edit(person(request), kind, pk))
    was_waiting = actions.take_back(kind, pk, by=person(request), now=page.now)
    note = gettext("Taken back. Nobody reviews it any more.") if was_waiting else ""
    return go(request, f"/workspace/records/{kind}/{pk}/", note)
