"""How the feeds that I keep are doing."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from allmende.catalogue.queries import editing
from allmende.catalogue.queries.health import feeds_health
from allmende.guide.sparkline import HEIGHT, WIDTH, sparkline
from allmende.guide.views.workspace import feed_words, words
from allmende.guide.views.workspace.frame import found, person, show, signed_in, workspace_page


@require_safe
@signed_in
def health(request: HttpRequest) -> HttpResponse:
    """Every feed with its state, its trend, its errors and its next fetch."""
    user = person(request)
    found(editing.managed_organisations(user) or None)
    page = workspace_page(request, "health", gettext("Feed health"))
    page.styles = (*page.styles, "guide/health.css")
    rows = feeds_health(user, now=page.now)
    context = {
        "rows": rows,
        "lines": {row.source.pk: sparkline([point.size for point in row.trend]) for row in rows},
        "box": (WIDTH, HEIGHT),
        "troubled": sum(row.needs_somebody for row in rows),
        "feed_words": feed_words,
        "words": words,
    }
    return show(request, page, "health.html", context)
