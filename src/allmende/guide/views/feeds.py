"""RSS and Atom of the events that pass the list's filters."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext

from allmende.catalogue import queries
from allmende.core.assets import version
from allmende.core.content import recent_content_stamp
from allmende.guide.filters import read_filters
from allmende.guide.page import new_page

FRESH_SECONDS: Final = 300
SOONEST: Final = "soonest"
"""``?sort=soonest``: by date; else what came in last comes first."""


def events_rss(request: HttpRequest) -> HttpResponseBase:
    """The events as RSS 2.0."""
    return _feed(request, "rss")


def events_atom(request: HttpRequest) -> HttpResponseBase:
    """The events as Atom."""
    return _feed(request, "atom")


def _feed(request: HttpRequest, name: str) -> HttpResponseBase:
    page = new_page(request)
    tag = f'"{recent_content_stamp()}-{page.today.isoformat()}-{page.language}-{version()}-{name}"'
    answer: HttpResponseBase | None = get_conditional_response(request, etag=tag)
    if answer is None:
        asked = read_filters(request.GET, page)
        soonest = request.GET.get("sort") == SOONEST
        query = "&".join(part for part in (asked.query, f"sort={SOONEST}" if soonest else "") if part)
        title = page.brand.name if asked.filters.is_empty else f"{page.brand.name} · {asked.title}"
        info = queries.FeedInfo(
            title=title,
            url=f"{page.origin}{page.base}/events/" + (f"?{asked.query}" if asked.query else ""),
            own_url=f"{page.origin}{page.base}/events.{name}" + (f"?{query}" if query else ""),
            language=page.language,
            description=gettext("What is on in the region, day by day."),
            publisher=page.brand.name,
            updated=queries.last_change(queries.Choice(("event",))) or page.now,
        )
        pieces = queries.feed(
            name, asked.filters, info=info, newest=not soonest, origin=page.origin, now=page.now, zone=page.zone
        )
        answer = StreamingHttpResponse(pieces, content_type=queries.FORMATS[name].media_type)
    answer["ETag"] = tag
    answer["Cache-Control"] = f"public, max-age={FRESH_SECONDS}"
    answer["Access-Control-Allow-Origin"] = "*"
    return answer
