"""The widget that says how full places are: one, those of a municipality, or all."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from allmende.guide.busy import block_of
from allmende.guide.views.embed import frame_of, show_framed
from allmende.guide.views.insight.busy import by_level
from allmende.insight.steering.queries import busy_places

MOST = 12


@require_safe
def busy(request: HttpRequest) -> HttpResponse:
    """How full places are, in another site's page."""
    page, asked, theme = frame_of(request, gettext("How busy is it?"))
    page.title = gettext("How busy is it?")
    found = busy_places(
        language=page.language, now=page.now, place=asked.filters.place, municipality=asked.filters.municipality
    )
    entries = [(one, block_of(one, page)) for one in by_level(found)[:MOST]]
    single = asked.filters.place is not None and len(entries) == 1
    context = {"entries": entries, "single": single, "more": f"{page.base}/busy/"}
    return show_framed(page, "busy.html", theme, context)
