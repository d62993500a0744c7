"""My day: what waits, what went wrong, and the next best step."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from allmende.catalogue.queries import editing
from allmende.guide.rules import may_enter_workspace
from allmende.guide.views.workspace import words
from allmende.guide.views.workspace.frame import person, show, signed_in, workspace_page
from allmende.partners.queries import memberships_of

SHOWN_REPORTS = 5
SHOWN_GAPS = 4


@require_safe
@signed_in
def day(request: HttpRequest) -> HttpResponse:
    """The first page after signing in."""
    user = person(request)
    page = workspace_page(request, "day", gettext("My day"))
    may_edit = editing.has_records_to_edit(user)
    gaps = editing.gaps_of(user, now=page.now) if may_edit else []
    open_gaps = [gap for gap in gaps if gap.n]
    context = {
        "words": words,
        "is_member": may_enter_workspace(user),
        "memberships": memberships_of(user.pk),
        "reports": editing.reports_to_see(user, is_open=True, language=page.language, limit=SHOWN_REPORTS),
        "troubled": editing.troubled_sources(user),
        "waiting": editing.waiting_deliveries(user),
        "gaps": open_gaps[:SHOWN_GAPS],
        "has_records": bool(gaps),
        "counts": editing.kind_counts(user) if may_edit else {},
    }
    return show(request, page, "day.html", context)
