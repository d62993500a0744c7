"""My day: what waits, what went wrong, and the next best step."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from allmende.catalogue.feeds import is_scheduled
from allmende.catalogue.queries import editing
from allmende.catalogue.queries.editing import SourceRow
from allmende.catalogue.queries.health import TroubledFeed, troubled_feeds
from allmende.guide.rules import may_enter_workspace
from allmende.guide.views.workspace import feed_words, words
from allmende.guide.views.workspace.frame import person, show, signed_in, workspace_page
from allmende.partners.queries import memberships_of

SHOWN_REPORTS = 5
SHOWN_GAPS = 4


def _beside(feeds: list[TroubledFeed], troubled: list[SourceRow]) -> list[SourceRow]:
    """Sources in trouble that are not told of already, nor fetched again soon by themselves."""
    told = {row.source.pk for row in feeds}
    return [
        row for row in troubled if row.source.pk not in told and not (is_scheduled(row.source) and row.source.failures)
    ]


@require_safe
@signed_in
def day(request: HttpRequest) -> HttpResponse:
    """The first page after signing in."""
    user = person(request)
    page = workspace_page(request, "day", gettext("My day"))
    may_edit = editing.has_records_to_edit(user)
    gaps = editing.gaps_of(user, now=page.now) if may_edit else []
    open_gaps = [gap for gap in gaps if gap.n]
    feeds = troubled_feeds(user, now=page.now)
    context = {
        "words": words,
        "feeds": feeds,
        "feed_words": feed_words,
        "is_member": may_enter_workspace(user),
        "memberships": memberships_of(user.pk),
        "reports": editing.reports_to_see(user, is_open=True, language=page.language, limit=SHOWN_REPORTS),
        "troubled": _beside(feeds, editing.troubled_sources(user)),
        "waiting": editing.waiting_deliveries(user),
        "questions": sum(editing.question_counts(user, now=page.now).values()) if editing.may_decide(user) else 0,
        "gaps": open_gaps[:SHOWN_GAPS],
        "has_records": bool(gaps),
        "counts": editing.kind_counts(user) if may_edit else {},
    }
    return show(request, page, "day.html", context)
