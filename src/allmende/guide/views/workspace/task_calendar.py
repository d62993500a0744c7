"""My tasks and deadlines as a calendar that calendar programs subscribe to, by a secret address."""

from __future__ import annotations

import hashlib

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from allmende.core.calendar_feeds import end_feed, person_of, renew_feed
from allmende.core.waiting import waiting_for
from allmende.guide.bridges.task_calendar import calendar_of
from allmende.guide.page import new_page
from allmende.guide.views.workspace.frame import go, person, signed_in, workspace_page
from allmende.guide.views.workspace.letters import letters_page


@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """The calendar of whoever made this token; it shows what they may see at this moment."""
    user = person_of(request.GET.get("token", ""))
    if user is None:
        raise Http404
    page = new_page(request)
    items = waiting_for(user, now=page.now, language=page.language)
    name = f"{page.brand.name}: {gettext('Tasks and deadlines')}"
    body = calendar_of(items, name=name, language=page.language, origin=page.origin)
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    is_known = tag in (request.headers.get("If-None-Match") or "")
    answer = HttpResponse(status=304) if is_known else HttpResponse(body, content_type="text/calendar; charset=utf-8")
    answer["ETag"] = tag
    answer["Cache-Control"] = "private, no-cache"
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex"
    return answer


@require_POST
@signed_in
def renew(request: HttpRequest) -> HttpResponse:
    """A new secret address, shown this once; or none any more."""
    page = workspace_page(request, "letters", "")
    if request.POST.get("end"):
        end_feed(person(request), now=page.now)
        return go(request, "/workspace/letters/", gettext("The address of your calendar opens nothing any more."))
    return letters_page(request, token=renew_feed(person(request), now=page.now))
