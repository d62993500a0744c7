"""The first page of the insight pages: what is measured, and what to do next."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from allmende.guide.views.insight.frame import insight_page, show_insight
from allmende.guide.views.workspace.frame import person, signed_in
from allmende.insight.rules import visible_sites

MOST = 50


@require_safe
@signed_in
def overview(request: HttpRequest) -> HttpResponse:
    """What is measured."""
    page = insight_page(request, gettext("Insight"))
    sites = visible_sites(person(request)).filter(ended_on__isnull=True)[:MOST]
    return show_insight(request, page, "overview", "overview.html", {"sites": sites})
