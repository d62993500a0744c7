"""The first page of the insight pages: what is measured, what is full now, what needs attention, and what to do next."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from allmende.guide.rules import organisations_to_edit
from allmende.guide.views.insight import crowding_words as words
from allmende.guide.views.insight.frame import insight_page, show_insight
from allmende.guide.views.workspace.frame import person, signed_in
from allmende.insight.crowding.queries.overview import overview as read_overview
from allmende.insight.models import Site
from allmende.insight.values import Level

STYLES = ("guide/insight/crowding.css",)


@require_safe
@signed_in
def overview(request: HttpRequest) -> HttpResponse:
    """What is measured."""
    page = insight_page(request, gettext("Insight"), styles=STYLES)
    user = person(request)
    context = {
        "told": read_overview(user, now=page.now),
        "may_measure": organisations_to_edit(user) != [],
        "cw": words,
        "levels": dict(Level.choices),
        "kinds": dict(Site.Kind.choices),
    }
    return show_insight(request, page, "overview", "overview.html", context)
