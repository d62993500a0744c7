"""Sources: the feeds and files that partners keep, their settings and their runs."""

from __future__ import annotations

import csv
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from allmende.catalogue.actions.sources import SETTINGS, change_source, found_source
from allmende.catalogue.models import Source
from allmende.catalogue.queries import editing
from allmende.guide.page import Page
from allmende.guide.views.workspace import words
from allmende.guide.views.workspace.forms import SourceForm
from allmende.guide.views.workspace.frame import found, go, person, show, signed_in, workspace_page
from allmende.guide.views.workspace.schedule_form import schedule_form

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "|")


@require_safe
@signed_in
def sources(request: HttpRequest) -> HttpResponse:
    """The sources that I may import for."""
    page = workspace_page(request, "sources", gettext("Sources"))
    context = {
        "rows": editing.sources_to_manage(person(request)),
        "waiting": editing.waiting_deliveries(person(request)),
        "may_add": bool(editing.managed_organisations(person(request))),
        "words": words,
    }
    return show(request, page, "sources.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def new_source(request: HttpRequest) -> HttpResponse:
    """Make a source for one of my organisations."""
    user = person(request)
    organisations = editing.managed_organisations(user)
    found(organisations or None)
    page = workspace_page(request, "sources", gettext("New source"))
    page.crumbs = ((gettext("Sources"), f"{page.base}/workspace/sources/"),)
    choices = [(organisation.pk, organisation.name) for organisation in organisations]
    start = {"language": page.brand.default_language, "timezone": page.brand.timezone, "kind": "event"}
    form = SourceForm(request.POST or None, organisations=choices, initial=start)
    if request.method == "POST" and form.is_valid():
        owner = next(one for one in organisations if one.pk == form.cleaned_data["organisation"])
        source = found_source(form.cleaned_data["title"], owner, form.cleaned_data, by=user, now=page.now)
        return go(request, f"/workspace/sources/{source.slug}/", gettext("The source is there. Now upload its file."))
    status = 422 if request.method == "POST" else 200
    return show(request, page, "source_new.html", {"form": form, "words": words}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def source(request: HttpRequest, slug: str) -> HttpResponse:
    """A source: upload, runs, settings."""
    entry: Source = found(editing.source_to_manage(person(request), slug))
    page = workspace_page(request, "sources", entry.title)
    if request.method != "POST":
        return source_page(request, page, entry)
    form = SourceForm(request.POST)
    if not form.is_valid():
        return source_page(request, page, entry, {"form": form}, status=422)
    changed = change_source(entry, form.cleaned_data, by=person(request), now=page.now)
    note = gettext("The settings are saved.") if changed else gettext("There was nothing to save.")
    return go(request, f"/workspace/sources/{entry.slug}/", note)


def source_page(
    request: HttpRequest, page: Page, entry: Source, more: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """The page of a source, perhaps with what went wrong."""
    page.path = f"/workspace/sources/{entry.slug}/"
    page.styles = (*page.styles, "guide/health.css")
    page.crumbs = ((gettext("Sources"), f"{page.base}/workspace/sources/"),)
    context = {
        "entry": entry,
        "form": SourceForm(initial={name: getattr(entry, name) for name in SETTINGS}),
        "runs": editing.runs_of(entry),
        "schedule": schedule_form(entry),
        "waiting": editing.waiting_deliveries(person(request), entry),
        "formats": words.FORMATS,
        "upload_error": "",
        "words": words,
        **(more or {}),
    }
    return show(request, page, "source.html", context, status=status)


@require_safe
@signed_in
def run(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """What became of a delivery."""
    entry = found(editing.source_to_manage(person(request), slug))
    one = found(editing.run_to_see(person(request), entry, pk))
    page = workspace_page(request, "sources", gettext("Import"))
    page.crumbs = (
        (gettext("Sources"), f"{page.base}/workspace/sources/"),
        (entry.title, f"{page.base}/workspace/sources/{entry.slug}/"),
    )
    context = {
        "entry": entry,
        "run": one,
        "items": editing.run_items(one, language=page.language),
        "words": words,
    }
    return show(request, page, "run.html", context)


def safe_cell(text: object) -> str:
    """A cell that no spreadsheet takes for a formula."""
    cell = str(text)
    return f"'{cell}" if cell.lstrip().startswith(FORMULA_STARTS) else cell


@require_safe
@signed_in
def problems(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The errors and notes of a run as a table to hand on to whoever keeps the feed."""
    entry = found(editing.source_to_manage(person(request), slug))
    one = found(editing.run_to_see(person(request), entry, pk))
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{entry.slug}-{one.pk}-problems.csv"'
    table = csv.writer(response)
    table.writerow(["severity", "place", "record", "message", "code"])
    for problem in one.problems:
        cells = (problem.get(name, "") for name in ("severity", "where", "key", "message", "code"))
        table.writerow([safe_cell(cell) for cell in cells])
    return response
