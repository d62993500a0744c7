"""Municipalities that become part of others: decided, looked at first, done on their day, taken back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from allmende.catalogue.actions.succession import join_municipalities, take_back_municipality
from allmende.core import formats
from allmende.guide.page import Page
from allmende.guide.views.workspace.frame import found, go, person, show, signed_in, workspace_page
from allmende.guide.views.workspace.organisations import STYLES
from allmende.partners.models import Territory, TerritoryChange
from allmende.partners.rules import speaks_for_the_region
from allmende.partners.succession import queries
from allmende.partners.succession.actions import ChangeForbidden, ChangeRefused

HERE: Final = "/workspace/territories/"
MOST_PARTS: Final = 4
STATES: Final = dict(TerritoryChange.State.choices)
TABLES: Final[Mapping[str, Any]] = {
    "partners.organisation": gettext_lazy("Organisations"),
    "catalogue.event": gettext_lazy("Events"),
    "catalogue.place": gettext_lazy("Places"),
    "catalogue.offer": gettext_lazy("Offers"),
    "partners.network": gettext_lazy("Networks"),
}
"""What follows, in words; the rest is counted together."""


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def territories(request: HttpRequest) -> HttpResponse:
    """The history, the form, and (before anything happens) what would follow."""
    found(speaks_for_the_region(person(request)) or None)
    page = workspace_page(request, "territories", gettext("Municipalities"))
    page.styles = STYLES
    if request.method != "POST":
        return _show(request, page)
    try:
        parts, into, on = _read(request)
        if request.POST.get("sure") != "1":
            return _show(request, page, ahead=(parts, into, on))
        note = request.POST.get("note", "").replace("\0", "").strip()
        changes = join_municipalities(parts, into, on, by=person(request), now=page.now, note=note)
    except ChangeForbidden:
        found(None)
    except ChangeRefused as error:
        return _show(request, page, errors={error.field: str(error)})
    day = formats.day_medium(on, page.language)
    if changes[0].state == TerritoryChange.State.PLANNED:
        return go(request, HERE, gettext("Planned: on %(day)s everything follows.") % {"day": day})
    return go(request, HERE, gettext("Done. It holds since %(day)s.") % {"day": day})


def _read(request: HttpRequest) -> tuple[list[Territory], Territory | tuple[str, str], date]:
    wanted = list(dict.fromkeys(_number(text) for text in request.POST.getlist("part") if text))[:MOST_PARTS]
    there = {one.pk: one for one in Territory.objects.filter(pk__in=wanted, level="municipality")}
    parts = [there[pk] for pk in wanted if pk in there]
    if not parts or len(parts) < len(wanted):
        raise ChangeRefused("parts", gettext("Choose at least one municipality."))
    into: Territory | tuple[str, str] | None
    if request.POST.get("into") == "new":
        into = (_text(request, "code").strip(), " ".join(_text(request, "name").split()))
        for name, value, what in (
            ("code", into[0], gettext("Write the official code of the new municipality.")),
            ("name", into[1], gettext("Write the name of the new municipality.")),
        ):
            if not value:
                raise ChangeRefused(name, what)
    else:
        number = _number(request.POST.get("into", ""))
        into = Territory.objects.filter(pk=number, level="municipality").first()
        if into is None:
            raise ChangeRefused("into", gettext("Please choose from the list."))
        if into in parts:
            raise ChangeRefused("into", gettext("A municipality cannot become part of itself."))
    try:
        return parts, into, date.fromisoformat(request.POST.get("on", ""))
    except ValueError:
        raise ChangeRefused("on", gettext("Write the day as year-month-day, such as 2026-12-05.")) from None


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else 0


def _text(request: HttpRequest, name: str) -> str:
    return request.POST.get(name, "").replace("\0", "")[:120]


def _show(
    request: HttpRequest,
    page: Page,
    *,
    ahead: tuple[list[Territory], Territory | tuple[str, str], date] | None = None,
    errors: Mapping[str, str] | None = None,
) -> HttpResponse:
    there = queries.territories_there()
    context: dict[str, Any] = {
        "lines": queries.territory_history(),
        "states": STATES,
        "choices": [(str(pk), f"{name} ({code})") for pk, code, name in there],
        "most_parts": MOST_PARTS,
        "errors": errors or {},
        "told": request.POST,
        "parts_told": request.POST.getlist("part"),
        "day_told": request.POST.get("on", "") or page.today.isoformat(),
        "ahead": None,
    }
    if ahead is not None:
        context["ahead"] = _ahead(page, *ahead)
    return show(request, page, "territories.html", context, status=422 if errors else 200)


def _ahead(page: Page, parts: list[Territory], into: Territory | tuple[str, str], on: date) -> dict[str, Any]:
    """What would follow, in words and numbers."""
    counted = queries.what_follows_territories([one.pk for one in parts])
    rows = [(str(words), counted[table]) for table, words in TABLES.items() if table in counted]
    rest = sum(n for table, n in counted.items() if table not in TABLES)
    new = into if isinstance(into, tuple) else (into.code, into.name)
    people = [one.population for one in parts if one.population is not None]
    return {
        "old": formats.words([one.name for one in parts], page.language),
        "new": new[1],
        "rows": [*rows, *([(gettext("Other things"), rest)] if rest else [])],
        "on": on,
        "is_made": isinstance(into, tuple),
        "people": sum(people) if people and isinstance(into, tuple) else None,
        "headline": ngettext("“%(old)s” becomes part of “%(new)s”?", "“%(old)s” become part of “%(new)s”?", len(parts))
        % {"old": formats.words([one.name for one in parts], page.language), "new": new[1]},
        "sent": [
            *(("part", str(one.pk)) for one in parts),
            ("into", "new" if isinstance(into, tuple) else str(into.pk)),
            ("code", new[0]),
            ("name", new[1]),
            ("on", on.isoformat()),
        ],
    }


@require_POST
@signed_in
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel what is planned; undo what was done, while nothing was changed since."""
    page = workspace_page(request, "territories", "")
    found(speaks_for_the_region(person(request)) or None)
    change = found(queries.territory_change(pk))
    try:
        take_back_municipality(change, by=person(request), now=page.now)
    except ChangeForbidden:
        found(None)
    except ChangeRefused as error:
        return go(request, HERE, str(error), is_good=False)
    return go(request, HERE, gettext("Taken back. Everything is where it was."))
