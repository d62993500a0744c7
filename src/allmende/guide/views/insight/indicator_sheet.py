"""Filling in a year: one form, kept while it is typed, saved in part where a field is wrong, taken back as a whole."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from allmende.core import formats
from allmende.core.drafts import DraftTooLarge, drafts_of, forget_draft, keep_draft
from allmende.core.rate import is_too_fast
from allmende.guide.page import Page
from allmende.guide.views.insight import sheet_form
from allmende.guide.views.insight.frame import insight_page, show_insight
from allmende.guide.views.insight.indicators import HOME, STYLES, the_organisation
from allmende.guide.views.workspace import typed as typing
from allmende.guide.views.workspace.frame import found, go, person, signed_in
from allmende.guide.views.workspace.inputs.base import Typed, many, one, typed
from allmende.insight.indicators import actions, queries
from allmende.insight.indicators import words as figure_words
from allmende.insight.indicators.queries import Sheet
from allmende.insight.rules import may_edit_for
from allmende.partners.models import Organisation

EARLIEST: Final = 1990


@dataclass(slots=True)
class State:
    """What the form shows."""

    inputs: Typed
    errors: dict[str, str] = field(default_factory=dict)
    seen: dict[str, str] = field(default_factory=dict)
    tab: str = ""


def _year(page: Page, year: int) -> int:
    checked: int = found(year if EARLIEST <= year <= page.today.year + 1 else None)
    return checked


def _sheet(request: HttpRequest, page: Page, organisation: Organisation, year: int) -> Sheet:
    sheet: Sheet = found(queries.sheet(organisation, year, user=person(request), language=page.language))
    return sheet


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def sheet(request: HttpRequest, pk: int, year: int) -> HttpResponse:
    """The form, and what it sends."""
    organisation = the_organisation(pk)
    page = insight_page(request, organisation.name, styles=STYLES)
    told = _sheet(request, page, organisation, _year(page, year))
    if request.method == "POST":
        return _save(request, page, organisation, told)
    state = State(sheet_form.show(told, page.language))
    asked = request.GET.get("typed", "")
    draft = next((one for one in drafts_of(person(request), _form(pk, year)) if asked and one.tab == asked), None)
    if draft is not None:
        state = State(dict(draft.typed), seen=dict(draft.seen), tab=draft.tab)
    return _show(request, page, organisation, told, state)


def _form(pk: int, year: int) -> str:
    return f"figures/{pk}/{year}"


def _seen(text: str) -> dict[str, str]:
    try:
        told = json.loads(text)
    except ValueError:
        return {}
    return {str(code): str(mark) for code, mark in told.items()} if isinstance(told, dict) else {}


def _save(request: HttpRequest, page: Page, organisation: Organisation, sheet: Sheet) -> HttpResponse:
    told = typed({name: request.POST.getlist(name) for name in request.POST if "." in name})
    read = sheet_form.read(sheet, told, _seen(request.POST.get("seen", "")), page.language)
    tab = request.POST.get("tab", "")[:40]
    saved = actions.save_figures(organisation, read.entries, by=person(request), now=page.now)
    inputs = {
        (row.definition.code, month): name
        for row in sheet_form.rows_of(sheet)
        for name, month in sheet_form.inputs_of(row)
    }
    for refused in saved.refused:
        read.errors[inputs[refused.code, refused.start.month]] = refused.message
    done = saved.created + saved.changed + saved.removed
    if not read.errors:
        if tab:
            forget_draft(person(request), _form(organisation.pk, sheet.year), tab)
        note = ngettext("%(n)s figure saved.", "%(n)s figures saved.", done) % {"n": done}
        return go(request, f"{HOME}{organisation.pk}/{sheet.year}/", note if done else gettext("Nothing was changed."))
    now = _sheet(request, page, organisation, sheet.year)
    return _show(request, page, organisation, now, State(told, read.errors, tab=tab), saved=done, status=422)


def _show(
    request: HttpRequest,
    page: Page,
    organisation: Organisation,
    sheet: Sheet,
    state: State,
    *,
    saved: int = 0,
    status: int = 200,
) -> HttpResponse:
    pk, year = organisation.pk, sheet.year
    here = f"{page.base}{HOME}{pk}/"
    page.title = gettext("%(organisation)s: figures of %(year)s") % {"organisation": organisation.name, "year": year}
    page.crumbs = ((gettext("Indicators"), page.base + HOME), (organisation.name, here))
    page.scripts = (*page.scripts, typing.SCRIPT)
    stored = sheet_form.prints(sheet, sheet_form.show(sheet, page.language))
    context: dict[str, Any] = {
        "sheet": sheet,
        "here": here,
        "fw": figure_words,
        "names": {row.definition.code: row.definition.name for row in [*sheet_form.rows_of(sheet), *sheet.computed]},
        "unit_name": queries.unit_name,
        "value": lambda name: one(state.inputs, name),
        "is_on": lambda name: "1" in many(state.inputs, name),
        "errors": state.errors,
        "saved": saved,
        "seen": json.dumps(state.seen or stored),
        "typed_path": f"{here}{year}/typed/",
        "typed_tab": state.tab,
        "form_name": _form(pk, year),
        "drafts": [draft for draft in drafts_of(person(request), _form(pk, year)) if draft.tab != state.tab],
        "inputs_of": sheet_form.inputs_of,
        "open_groups": sheet_form.open_groups(
            sheet, state.inputs, state.errors, page.language, request.GET.get("list", "")
        ),
        "label": lambda period, month: _label(page, period, month),
        "years": sorted({*sheet.years, year, page.today.year - 1, page.today.year}, reverse=True),
    }
    return show_insight(request, page, "indicators", "indicator_sheet.html", context, status=status)


def _label(page: Page, period: str, month: int) -> str:
    """Of the field of a month or quarter."""
    day = page.today.replace(month=month, day=1)
    return formats.month_short(day, page.language) if period == "month" else formats.quarter_short(day, page.language)


@require_http_methods(["PUT", "POST"])
@signed_in
def keep(request: HttpRequest, pk: int, year: int) -> HttpResponse:
    """PUT keeps what is typed, POST throws away what was."""
    organisation = the_organisation(pk)
    page = insight_page(request, "")
    user = person(request)
    found(may_edit_for(user, organisation.pk) or None)
    form = _form(pk, _year(page, year))
    if request.method == "POST":
        forget_draft(user, form, request.POST.get("tab", "")[:40] or "-")
        return go(request, f"{HOME}{pk}/{year}/", gettext("Thrown away."))
    if is_too_fast("typed", str(user.pk), typing.TYPED, now=page.now):
        return HttpResponse(status=429)
    try:
        tab, number, values, seen = typing.parse_typed(request.body)
        draft = keep_draft(user, form, typed(values), seen, tab=tab, number=number, now=page.now)
    except ValueError as error:
        return HttpResponse(status=413 if isinstance(error, DraftTooLarge) else 400)
    at = formats.clock(draft.saved_at.astimezone(page.zone).time(), page.language)
    return JsonResponse({"words": gettext("Kept at %(time)s, not saved yet") % {"time": at}})


@require_POST
@signed_in
def share(request: HttpRequest, pk: int) -> HttpResponse:
    """Share a year's figures with the organisation's name, or take them back."""
    organisation = the_organisation(pk)
    page = insight_page(request, "")
    found(may_edit_for(person(request), pk) or None)
    year, is_shared = request.POST.get("year", ""), request.POST.get("do") == "share"
    of = int(year) if year.isdecimal() and len(year) == 4 else None
    saved = actions.share_figures(organisation, year=of, is_shared=is_shared, by=person(request), now=page.now)
    if is_shared:
        note = ngettext("%(n)s figure is shared now.", "%(n)s figures are shared now.", saved.changed)
    else:
        note = ngettext("%(n)s figure is private again.", "%(n)s figures are private again.", saved.changed)
    back = f"{HOME}{pk}/{of}/" if of else f"{HOME}{pk}/"
    return go(request, back, note % {"n": saved.changed})


@require_POST
@signed_in
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back the last change."""
    organisation = the_organisation(pk)
    page = insight_page(request, "")
    found(may_edit_for(person(request), pk) or None)
    batch, year = request.POST.get("batch", ""), request.POST.get("year", "")
    number = int(batch) if batch.isdecimal() and len(batch) < 10 else 0
    back = f"{HOME}{pk}/{year}/" if year.isdecimal() and len(year) == 4 else f"{HOME}{pk}/"
    try:
        count = actions.undo_batch(organisation, number, by=person(request), now=page.now)
    except actions.CannotUndo as error:
        return go(request, back, str(error), is_good=False)
    note = ngettext("Taken back: %(n)s figure is as it was.", "Taken back: %(n)s figures are as they were.", count)
    return go(request, back, note % {"n": count})
