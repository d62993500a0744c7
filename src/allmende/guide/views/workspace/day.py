"""My day: what waits, what runs out, what is new, and the next best step.  Ten minutes a week should do."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from allmende.catalogue.queries import editing
from allmende.core.models import User
from allmende.core.notices import in_words, notices_of
from allmende.core.waiting import day_of, waiting_for
from allmende.guide.page import Page
from allmende.guide.rules import may_enter_workspace
from allmende.guide.views.workspace import words
from allmende.guide.views.workspace.frame import person, show, signed_in, workspace_page
from allmende.guide.views.workspace.tasks import undo_of
from allmende.partners.queries import memberships_of
from allmende.partners.tasks.queries import silent_people, turns_in
from allmende.partners.tasks.rules import homes_of

SHOWN_NOW = 12
SHOWN_ENDS = 8
SHOWN_NOTICES = 6
SHOWN_GAPS = 4


@require_safe
@signed_in
def day(request: HttpRequest) -> HttpResponse:
    """The first page after signing in."""
    user = person(request)
    page = workspace_page(request, "day", gettext("My day"))
    page.styles = (*page.styles, "guide/workspace/day.css")
    is_member = may_enter_workspace(user)
    context: dict[str, Any] = {
        "words": words,
        "is_member": is_member,
        "memberships": memberships_of(user.pk),
        "undo": undo_of(request, page),
        "news": [(notice, in_words(notice)) for notice in notices_of(user, is_read=False, limit=SHOWN_NOTICES)],
        **(_what_waits(user, page) if is_member else {}),
        **(_next_step(user, page) if editing.has_records_to_edit(user) else {"gaps": [], "counts": {}}),
    }
    return show(request, page, "day.html", context)


def _what_waits(user: User, page: Page) -> dict[str, Any]:
    waits = day_of(waiting_for(user, now=page.now, language=page.language), today=page.today)
    homes = homes_of(user)
    return {
        "waits": waits,
        "waits_now": waits.now[:SHOWN_NOW],
        "waits_ends": waits.ends[:SHOWN_ENDS],
        "days_left": lambda due: (due - page.today).days,
        "turns": turns_in(homes, today=page.today),
        "silent": silent_people(homes, now=page.now),
    }


def _next_step(user: User, page: Page) -> dict[str, Any]:
    gaps = editing.gaps_of(user, now=page.now)
    open_gaps = [gap for gap in gaps if gap.n]
    return {"gaps": open_gaps[:SHOWN_GAPS], "has_records": bool(gaps), "counts": editing.kind_counts(user)}
