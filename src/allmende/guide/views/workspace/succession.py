"""Merge, rename, split: what becomes of an organisation, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from allmende.core import formats
from allmende.core.models import User
from allmende.core.slugs import name_key
from allmende.guide.page import Page
from allmende.guide.views.workspace.frame import found, go, person, show, signed_in, workspace_page
from allmende.guide.views.workspace.organisations import STYLES
from allmende.partners.models import Organisation, OrganisationChange
from allmende.partners.rules import may_decide_about, may_edit_for
from allmende.partners.succession import queries
from allmende.partners.succession.actions import (
    ChangeForbidden,
    ChangeRefused,
    may_take_back,
    plan_merge,
    plan_renaming,
    plan_split,
    take_back,
)

STATES: Final = dict(OrganisationChange.State.choices)
TABLES: Final[Mapping[str, Any]] = {
    "catalogue.event": gettext_lazy("Events"),
    "catalogue.place": gettext_lazy("Places"),
    "catalogue.offer": gettext_lazy("Offers"),
    "catalogue.source": gettext_lazy("Sources"),
    "partners.membership": gettext_lazy("People"),
    "partners.networkorganisation": gettext_lazy("Networks"),
    "partners.room": gettext_lazy("Rooms"),
    "partners.task": gettext_lazy("Tasks"),
    "partners.apikey": gettext_lazy("Keys"),
}
"""What follows in a merge, in words; the rest is counted together."""


def _organisation(request: HttpRequest, pk: int) -> Organisation:
    user = person(request)
    one = Organisation.objects.select_related("successor").filter(pk=pk).first()
    found(one if one and (may_decide_about(user, pk) or may_edit_for(user, pk)) else None)
    assert one is not None
    return one


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def succession(request: HttpRequest, pk: int) -> HttpResponse:
    """History, what is planned, and the forms for a change."""
    one = _organisation(request, pk)
    page = workspace_page(request, "organisations", gettext("Merge, rename, split"))
    page.styles = STYLES
    page.crumbs = (
        (gettext("Organisations"), f"{page.base}/workspace/organisations/"),
        (one.name, f"{page.base}/workspace/organisations/{pk}/"),
    )
    if request.method != "POST":
        return _form(request, page, one)
    found(may_decide_about(person(request), pk) or None)
    return _decide(request, page, one)


def _decide(request: HttpRequest, page: Page, one: Organisation) -> HttpResponse:
    kind, user = request.POST.get("kind", ""), person(request)
    name = request.POST.get("name", "").replace("\0", "")[:300]
    note = request.POST.get("note", "").replace("\0", "").strip()[:300]
    try:
        on = _day(request.POST.get("on", ""))
        if kind == "merged":
            other = _named(name, user)
            if request.POST.get("sure") != "1":
                return _form(request, page, one, into=other, on=on)
            change = plan_merge(one, other, on, by=user, now=page.now, note=note)
        elif kind == "renamed":
            change = plan_renaming(one, name, on, by=user, now=page.now, note=note)
        elif kind == "split":
            change = plan_split(one, name, on, by=user, now=page.now, note=note)
        else:
            raise ChangeRefused("kind", gettext("Please choose from the list."))
    except ChangeForbidden:
        message = gettext("You do not manage that organisation. Ask its manager, or who runs the region.")
        return _form(request, page, one, errors={f"{kind}-name": message}, status=422)
    except ChangeRefused as error:
        field = "on" if error.field == "on" else "name"
        return _form(request, page, one, errors={f"{kind}-{field}": str(error)}, status=422)
    day = formats.day_medium(on, page.language)
    if change.state == OrganisationChange.State.PLANNED:
        note = gettext("Planned: on %(day)s everything follows.") % {"day": day}
    else:
        note = gettext("Done. It holds since %(day)s.") % {"day": day}
    return go(request, f"/workspace/organisations/{_stays(change, user)}/succession/", note)


def _stays(change: OrganisationChange, user: User) -> int:
    """The organisation to go on with: after a merge nobody edits the old one."""
    is_merged = change.kind == "merged" and change.state == "done" and change.other_id is not None
    return int(change.other_id if is_merged and change.other_id else change.organisation_id)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ChangeRefused("on", gettext("Write the day as year-month-day, such as 2026-12-05.")) from None


def _named(name: str, user: User) -> Organisation:
    """The organisation of a name, or of the number in its address."""
    key = name_key(name)
    number = name.strip().rstrip("/").rpartition("-")[2] or name.strip()
    other = Organisation.objects.filter(name_key=key).first() if key else None
    if other is None and number.isdecimal() and len(number) < 15:
        other = Organisation.objects.filter(pk=int(number)).first()
    if other is None:
        raise ChangeRefused("name", gettext("There is no organisation of this name. Copy it from the directory."))
    if not may_decide_about(user, other.pk):
        raise ChangeForbidden
    return other


def _follows(pk: int) -> list[tuple[str, int]]:
    counted = queries.what_follows(pk)
    rows = [(str(words), counted[table]) for table, words in TABLES.items() if table in counted]
    rest = sum(n for table, n in counted.items() if table not in TABLES)
    return [*rows, *([(gettext("Other things"), rest)] if rest else [])]


def _form(
    request: HttpRequest,
    page: Page,
    one: Organisation,
    *,
    into: Organisation | None = None,
    on: date | None = None,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    user = person(request)
    lines = queries.history_of(one.pk)
    may = may_decide_about(user, one.pk)
    open_changes = {line.id for line in lines if may and _is_open(line)}
    context = {
        "one": one,
        "lines": lines,
        "open_changes": open_changes,
        "in_words": queries.in_words,
        "states": STATES,
        "may_decide": may and one.ended_on is None,
        "into": into,
        "on": on or page.today,
        "follows": _follows(one.pk) if into else [],
        "errors": errors or {},
        "told": request.POST,
    }
    return show(request, page, "succession.html", context, status=status)


def _is_open(line: queries.HistoryLine) -> bool:
    """Whether a change can be taken back: planned ones at once; of the merges that were done, those nothing followed on."""
    if line.state == OrganisationChange.State.PLANNED:
        return True
    if line.kind != OrganisationChange.Kind.MERGED or line.state != OrganisationChange.State.DONE:
        return False
    change = queries.change_to_take_back(line.id)
    return change is not None and may_take_back(change)


@require_POST
@signed_in
def take_back_change(request: HttpRequest, pk: int, change: int) -> HttpResponse:
    """Cancel what is planned, undo a merge."""
    one = _organisation(request, pk)
    page = workspace_page(request, "organisations", "")
    stored = found(queries.change_to_take_back(change))
    found(one.pk in {stored.organisation_id, stored.other_id} or None)
    here = f"/workspace/organisations/{pk}/succession/"
    try:
        take_back(stored, by=person(request), now=page.now)
    except ChangeForbidden:
        found(None)
    except ChangeRefused as error:
        return go(request, here, str(error), is_good=False)
    return go(request, here, gettext("Taken back. Everything is where it was."))
