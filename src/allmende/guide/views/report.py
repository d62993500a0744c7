"""Report a mistake."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods

from allmende.catalogue import queries
from allmende.catalogue.actions import report_mistake
from allmende.core.rate import Limit, is_too_fast, sender_of
from allmende.guide.forms import ReportForm
from allmende.guide.page import Page, new_page, render

LIMIT: Final = Limit(5, 3600)
_KEY = re.compile(r"([epo])([1-9]\d{0,15})")


@dataclass(frozen=True, slots=True)
class About:
    """The entry that a report is about."""

    key: str
    kind: str
    id: int
    name: str
    language: str
    path: str


def entry(key: str, page: Page) -> About | None:
    """The published entry with that short name."""
    found = _KEY.fullmatch(key)
    if not found:
        return None
    cards = queries.cards_by_keys([key], language=page.language, now=page.now)
    if not cards:
        return None
    card = cards[0]
    path = f"{page.base}/{card.kind}s/{card.slug}-{card.id}/"
    return About(key, card.kind, card.id, card.name.text, card.name.language, path)


@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """The form for one entry; without an entry, the way to one."""
    page = new_page(request)
    page.title = gettext("Report a mistake")
    page.robots = "noindex"
    page.styles = ("guide/areas.css",)
    key = request.GET.get("about", "")
    about = entry(key, page) if key else None
    if key and about is None:
        raise Http404
    if about is None:
        return render(page, "guide/report.html", {"about": None, "is_done": False, "form": None}, max_age=0)
    page.crumbs = ((about.name, about.path),)
    if request.method == "POST":
        return _take(request, page, about)
    is_done = "done" in request.GET
    return render(
        page,
        "guide/report.html",
        {"about": about, "is_done": is_done, "form": ReportForm()},
        max_age=0,
        request=request,
    )


def _take(request: HttpRequest, page: Page, about: About) -> HttpResponse:
    form = ReportForm(request.POST)
    context = {"about": about, "is_done": False, "form": form}
    if not form.is_valid():
        return render(page, "guide/report.html", context, status=422, max_age=0, request=request)
    if not form.cleaned_data["homepage"]:
        if is_too_fast("report", sender_of(request), LIMIT, now=page.now):
            form.add_error(None, gettext("That were many reports in a short time. Please try again in an hour."))
            return render(page, "guide/report.html", context, status=429, max_age=0, request=request)
        report_mistake(
            about.kind,
            about.id,
            form.cleaned_data["message"],
            form.cleaned_data["reply_to"],
            page.language,
            now=page.now,
        )
    response = HttpResponseRedirect(f"{page.base}/report/?about={about.key}&done=1")
    response.status_code = 303
    return response
