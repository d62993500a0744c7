"""Insight spaces: several regions that see what each shares."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from allmende.core import formats
from allmende.guide.views.insight.frame import insight_page, show_insight
from allmende.guide.views.insight.sites import HERE, STYLES
from allmende.guide.views.workspace.frame import found, person, signed_in
from allmende.insight.sites import queries


@require_safe
@signed_in
def spaces(request: HttpRequest) -> HttpResponse:
    """The insight spaces that I am in."""
    page = insight_page(request, gettext("Insight spaces"), styles=STYLES)
    page.crumbs = ((gettext("Measured places"), f"{page.base}{HERE}"),)
    return show_insight(request, page, "sites", "spaces.html", {"spaces": queries.my_spaces(person(request))})


@require_safe
@signed_in
def space(request: HttpRequest, slug: str) -> HttpResponse:
    """Who shares what in one of them."""
    user = person(request)
    one = found(queries.space_to_see(user, slug))
    page = insight_page(request, one.name, styles=STYLES)
    page.crumbs = ((gettext("Insight spaces"), f"{page.base}/workspace/insight/spaces/"),)
    context = {
        "space": one,
        "shares": queries.shares_of(one, user),
        "rows": queries.shared_sites(one, user),
        "moment": lambda at: formats.at_local(at.astimezone(page.zone), page.language),
        "day": lambda at: formats.day_medium(at.astimezone(page.zone).date(), page.language),
    }
    return show_insight(request, page, "sites", "space.html", context)
