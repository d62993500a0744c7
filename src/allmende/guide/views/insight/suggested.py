"""Counting that a suggestion was seen or followed: how often, never by whom.

No cookie is set or read and no address is kept.  Who asks not to be tracked is not counted, and neither are programs; a
sender counts so often at most, by a keyed hash that is forgotten with its window.
"""

from __future__ import annotations

import re
from base64 import b64decode
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from allmende.core.rate import Limit, is_too_fast, sender_of
from allmende.insight.steering.actions import count_shown, count_taken

PIXEL: Final = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
LIMIT: Final = Limit(30, 600)
_PROGRAMS: Final = re.compile(
    r"bot|crawl|spider|slurp|preview|fetch|monitor|scan|curl|wget|python|java/|headless|^$", re.I
)


def wants_no_count(request: HttpRequest) -> bool:
    """Whether this visit is not to be counted: who asks for it, programs, and pages that are loaded ahead."""
    headers = request.headers
    if headers.get("DNT") == "1" or headers.get("Sec-GPC") == "1":
        return True
    if "prefetch" in headers.get("Sec-Purpose", "") or headers.get("Purpose") == "prefetch":
        return True
    return request.method == "HEAD" or bool(_PROGRAMS.search(headers.get("User-Agent", "")))


def _may_count(request: HttpRequest, what: str) -> bool:
    return not wants_no_count(request) and not is_too_fast(
        f"steering-{what}", sender_of(request), LIMIT, now=timezone.now()
    )


def _uncached(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
def seen(request: HttpRequest, site: int, instead: str) -> HttpResponse:
    """A picture of one dot that a suggestion asks for when it comes into view."""
    numbers = [int(part) for part in instead.split("-") if part.isdecimal() and len(part) < 10]
    if request.headers.get("Sec-Fetch-Dest", "image") == "image" and _may_count(request, "seen"):
        count_shown(site, [number for number in numbers if number], now=timezone.now())
    return _uncached(HttpResponse(PIXEL, content_type="image/gif"))


@require_safe
def instead(request: HttpRequest, site: int, other: int) -> HttpResponse:
    """On to the place that was suggested."""
    is_counted = _may_count(request, "taken")
    path = count_taken(site, other, language=request.LANGUAGE_CODE, now=timezone.now(), is_counted=is_counted)
    if path is None:
        raise Http404
    response = HttpResponseRedirect(f"/{request.LANGUAGE_CODE}{path}")
    response.status_code = 303
    response["X-Robots-Tag"] = "noindex, nofollow"
    return _uncached(response)
