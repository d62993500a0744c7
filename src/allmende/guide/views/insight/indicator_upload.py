"""A year's figures as a table: out to be filled in, back with a look at what would change."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import date
from typing import Final

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST, require_safe

from allmende.guide.page import Page
from allmende.guide.views.insight.frame import insight_page, show_insight
from allmende.guide.views.insight.indicator_report import XLSX
from allmende.guide.views.insight.indicators import HOME, STYLES, the_organisation
from allmende.guide.views.workspace.frame import found, go, person, private, signed_in
from allmende.insight.indicators import actions, queries, upload
from allmende.insight.indicators import words as figure_words
from allmende.insight.models import IndicatorBatch
from allmende.insight.rules import may_edit_for
from allmende.partners.models import Organisation

LARGEST: Final = 2_000_000
SALT: Final = "insight.figures"
KEPT_SECONDS: Final = 24 * 3600
SENT: Final = tuple(field.name for field in fields(actions.Entry))
"""What travels with the form, in this order."""


@require_POST
@signed_in
def upload_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Look at a file, or apply what was looked at."""
    organisation = the_organisation(pk)
    page = insight_page(request, gettext("Table of figures"), styles=STYLES)
    found(may_edit_for(person(request), pk) or None)
    if request.POST.get("told"):
        return _apply(request, page, organisation)
    file = request.FILES.get("file")
    back = f"{HOME}{pk}/{page.today.year - 1}/"
    if file is None:
        return go(request, back, gettext("Choose a file first."), is_good=False)
    if (file.size or 0) > LARGEST:
        return go(
            request, back, gettext("The file is larger than 2 MB. Send the table of figures alone."), is_good=False
        )
    try:
        told = upload.preview(organisation, io.BytesIO(file.read()), language=page.language)
    except upload.TableRefused as error:
        return go(request, back, str(error), is_good=False)
    page.crumbs = ((gettext("Indicators"), page.base + HOME), (organisation.name, f"{page.base}{HOME}{pk}/"))
    name = "".join(char for char in (file.name or "") if char.isprintable())[:120]
    signed = _signed(pk, name, [change.entry for change in told.changes])
    context = {
        "told": told,
        "signed": signed,
        "name": name,
        "here": f"{page.base}{HOME}{pk}/",
        "fw": figure_words,
        "year": page.today.year - 1,
    }
    return show_insight(request, page, "indicators", "indicator_upload.html", context)


def _signed(pk: int, name: str, entries: Iterable[actions.Entry]) -> str:
    told = [[one.start.isoformat() if field == "start" else getattr(one, field) for field in SENT] for one in entries]
    return signing.dumps({"organisation": pk, "name": name, "entries": told}, salt=SALT, compress=True)


def _apply(request: HttpRequest, page: Page, organisation: Organisation) -> HttpResponse:
    back = f"{HOME}{organisation.pk}/"
    try:
        told = signing.loads(request.POST["told"], salt=SALT, max_age=KEPT_SECONDS)
    except signing.BadSignature:
        return go(request, back, gettext("That was too long ago. Please send the table again."), is_good=False)
    found(told["organisation"] == organisation.pk or None)
    rows = [dict(zip(SENT, row, strict=True)) for row in told["entries"]]
    entries = [actions.Entry(**{**row, "start": date.fromisoformat(row["start"])}) for row in rows]
    if request.POST.get("chosen"):  # the answer to the page of conflicts: one choice for each
        entries = [one for number, one in enumerate(entries) if request.POST.get(f"take.{number}") == "mine"]
    saved = actions.save_figures(
        organisation, entries, by=person(request), now=page.now, origin=IndicatorBatch.Origin.UPLOAD, name=told["name"]
    )
    done = saved.created + saved.changed
    if saved.conflicts:
        return _conflicts(request, page, organisation, told["name"], saved)
    note = ngettext("%(n)s figure saved.", "%(n)s figures saved.", done) % {"n": done}
    if not done and not saved.refused:
        note = gettext("Nothing was changed.")
    if saved.refused:
        note += " " + saved.refused[0].message
    years = {entry.start.year for entry in entries}
    return go(request, f"{back}{max(years)}/" if years else back, note, is_good=not saved.refused)


def _conflicts(
    request: HttpRequest, page: Page, organisation: Organisation, name: str, saved: actions.Saved
) -> HttpResponse:
    """What others changed since the look at the table: both figures, and a choice for each."""
    here = f"{page.base}{HOME}{organisation.pk}/"
    page.crumbs = ((gettext("Indicators"), page.base + HOME), (organisation.name, here))
    desk = queries.desk_of(organisation)
    again = [replace(one.entry, seen=one.stored.mark) for one in saved.conflicts]
    context = {
        "conflicts": saved.conflicts,
        "saved": saved.created + saved.changed,
        "refused": saved.refused,
        "signed": _signed(organisation.pk, name, again),
        "definitions": {one.code: one for one in queries.definitions(page.language, networks=desk.networks)},
        "desk": desk,
        "here": here,
        "fw": figure_words,
        "year": max(one.start.year for one in again),
    }
    return show_insight(request, page, "indicators", "indicator_conflicts.html", context, status=409)


def _table(request: HttpRequest, pk: int, year: int) -> tuple[Page, queries.Sheet]:
    organisation = the_organisation(pk)
    page = insight_page(request, "")
    found(1990 <= year <= page.today.year + 1 or None)
    sheet: queries.Sheet = found(queries.sheet(organisation, year, user=person(request), language=page.language))
    return page, sheet


def _sent(content: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return private(response)


@require_safe
@signed_in
def csv_file(request: HttpRequest, pk: int, year: int) -> HttpResponse:
    """The table to fill in, as CSV."""
    page, sheet = _table(request, pk, year)
    return _sent(upload.csv_table(sheet, page.language), "text/csv; charset=utf-8", f"figures-{pk}-{year}.csv")


@require_safe
@signed_in
def xlsx_file(request: HttpRequest, pk: int, year: int) -> HttpResponse:
    """The table to fill in, as a workbook."""
    page, sheet = _table(request, pk, year)
    return _sent(upload.xlsx_table(sheet, page.language), XLSX, f"figures-{pk}-{year}.xlsx")
