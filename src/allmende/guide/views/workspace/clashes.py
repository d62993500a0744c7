"""Published events that take guests from one another."""

from __future__ import annotations

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from allmende.catalogue import vocabulary
from allmende.catalogue.queries.clashes import list_clashes
from allmende.guide.rules import may_enter_workspace
from allmende.guide.views.workspace import align_words
from allmende.guide.views.workspace.frame import found, person, show, signed_in, workspace_page

MONTHS_AHEAD = 12


def _month(text: str, today: date) -> date:
    """The first of the month that is asked for, else of this month; never gone by, never further than a year ahead."""
    first = today.replace(day=1)
    try:
        wanted = date.fromisoformat(f"{text}-01") if len(text) == 7 else first
    except ValueError:
        return first
    return wanted if first <= wanted <= first + timedelta(days=31 * MONTHS_AHEAD) else first


def _next(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)


@require_safe
@signed_in
def clashes(request: HttpRequest) -> HttpResponse:
    """A month of clashes, strongest first."""
    found(may_enter_workspace(person(request)) or None)
    page = workspace_page(request, "align", gettext("Clashes"))
    page.styles = (*page.styles, "guide/align.css")
    first = _month(request.GET.get("month", ""), page.today)
    keys = {one.key for one in vocabulary.categories() if "event" in one.kinds}
    category = request.GET.get("category", "")
    category = category if category in keys else ""
    until = _next(first) - timedelta(days=1)
    rows, total = list_clashes(max(first, page.today), until, language=page.language, category=category)
    previous = (first - timedelta(days=1)).replace(day=1)
    context = {
        "rows": rows,
        "total": total,
        "first": first,
        "previous": previous if previous >= page.today.replace(day=1) else None,
        "following": _next(first) if _next(first) <= page.today + timedelta(days=31 * MONTHS_AHEAD) else None,
        "category": category,
        "categories": [one for one in vocabulary.categories() if one.key in keys],
        "aw": align_words,
    }
    page.query = f"month={first:%Y-%m}" + (f"&category={category}" if category else "")
    return show(request, page, "clashes.html", context)
