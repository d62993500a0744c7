"""What guests look for in vain, for those who can do something about it."""

from __future__ import annotations

import csv
import io
from typing import Any
from urllib.parse import quote, urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from allmende.catalogue import queries
from allmende.catalogue.actions.align import set_gap_aside, take_gap_back
from allmende.catalogue.queries import gaps as gap_queries
from allmende.catalogue.queries.gaps import SORTS, GapFilter, GapRow
from allmende.catalogue.rules import AlignForbidden
from allmende.guide.rules import may_enter_workspace
from allmende.guide.views.workspace import align_words
from allmende.guide.views.workspace.frame import found, go, person, show, signed_in, workspace_page
from allmende.guide.views.workspace.season import csv_file
from allmende.partners.queries import municipality

COLUMNS = (
    "rule", "gap", "municipality", "code", "department", "population", "severity", "fits", "not_told", "in_reach",
    "sources", "first_day", "last_day", "nearest", "nearest_km", "also_around", "could_fill",
)  # fmt: skip
CERTAINTIES = {"": True, "untold": False, "all": None}
SEVERITY_CHOICES = ("", "2", "3")


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def filter_of(query: QueryDict) -> GapFilter:
    """What is asked for; what makes no sense is left out."""
    rule, sort = query.get("rule", ""), query.get("sort", "")
    town = municipality(query.get("municipality", "")[:20]) if query.get("municipality") else None
    severity = query.get("severity", "")
    return GapFilter(
        rule=rule if rule in gap_queries.rules() else "",
        department=_number(query.get("department", "")),
        municipality=town.id if town else None,
        severity=int(severity) if severity in SEVERITY_CHOICES and severity else 0,
        certain=CERTAINTIES.get(query.get("show", ""), True),
        sort=sort if sort in SORTS else "severity",
        page=_number(query.get("page", "")) or 1,
    )


def query_of(wanted: GapFilter, **changes: object) -> str:
    """The address' query for a filter; the page is 1 again unless it is what changes."""
    told = {
        "show": next(name for name, value in CERTAINTIES.items() if value == wanted.certain),
        "rule": wanted.rule,
        "department": wanted.department,
        "severity": wanted.severity or "",
        "sort": wanted.sort if wanted.sort != "severity" else "",
        **changes,
    }
    return urlencode({name: value for name, value in told.items() if value})


@require_safe
@signed_in
def gaps(request: HttpRequest) -> HttpResponse:
    """The list with evidence and next steps."""
    user = found(person(request) if may_enter_workspace(person(request)) else None)
    page = workspace_page(request, "align", gettext("Gaps in the offer"))
    page.styles = (*page.styles, "guide/align.css")
    wanted = filter_of(request.GET)
    page.query = query_of(wanted)
    context = {
        "wanted": wanted,
        "listing": gap_queries.list_gaps(wanted, user=user, language=page.language),
        "aside": gap_queries.gaps_set_aside(user=user),
        "rules": gap_queries.rules(),
        "departments": gap_queries.departments_with_gaps(),
        "query_of": query_of,
        "plan_query": plan_query,
        "invitation": lambda row, thing: invitation(row, thing, page.language),
        "aw": align_words,
    }
    return show(request, page, "gaps.html", context)


def plan_query(row: GapRow) -> str:
    """The query that plans something to fill a gap: there, on its first day, for these guests."""
    told: dict[str, Any] = {"at": row.code, "audience": sorted(row.rule.audience)}
    if row.first_day:
        told["day"] = row.first_day.isoformat()
    if row.rule.not_before:
        told["time"] = f"{row.rule.not_before // 60:02}:{row.rule.not_before % 60:02}"
    return urlencode(told, doseq=True)


def invitation(row: GapRow, thing: Any, language: str) -> str:
    """The address of a mail to whom one may ask."""
    subject = gettext("%(name)s and a gap in the offer near %(place)s") % {
        "name": thing.name.text,
        "place": row.municipality,
    }
    body = align_words.gap_sentence(row, language) + "."
    return f"mailto:{quote(thing.email)}?subject={quote(subject)}&body={quote(body)}"


@require_safe
@signed_in
def gaps_csv(request: HttpRequest) -> HttpResponse:
    """All gaps that fit, as a table for spreadsheets."""
    user = found(person(request) if may_enter_workspace(person(request)) else None)
    page = workspace_page(request, "align", "")
    listing = gap_queries.list_gaps(filter_of(request.GET), user=user, language=page.language, limit=None)
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in listing.rows:
        writer.writerow([queries.safe_cell(cell) for cell in _cells(row, page.language)])
    return csv_file(buffer.getvalue(), "gaps.csv")


def _cells(row: GapRow, language: str) -> list[object]:
    nearest = row.nearest
    return [
        row.rule.key,
        align_words.gap_sentence(row, language),
        row.municipality,
        row.code,
        row.department,
        row.population,
        row.severity,
        row.fits,
        row.untold,
        row.seen,
        row.sources,
        row.first_day,
        row.last_day,
        nearest.name.text if nearest else "",
        nearest.km if nearest else "",
        row.around_count,
        " | ".join(f"{thing.name.text} ({thing.km} km)" for thing in row.fillers),
    ]


@require_POST
@signed_in
def set_aside(request: HttpRequest) -> HttpResponse:
    """A gap is known and not wanted to be filled."""
    page = workspace_page(request, "align", "")
    rule, town = request.POST.get("rule", "")[:40], _number(request.POST.get("municipality", ""))
    found(town)
    try:
        there = set_gap_aside(rule, int(town or 0), request.POST.get("note", ""), by=person(request), now=page.now)
    except (AlignForbidden, LookupError):
        return HttpResponse(found(None))
    back = "/workspace/gaps/"
    return go(request, back, gettext("Set aside. It stays in the list below, with your note.") if there else "")


@require_POST
@signed_in
def take_back(request: HttpRequest) -> HttpResponse:
    """Look for a gap again."""
    page = workspace_page(request, "align", "")
    rule, town = request.POST.get("rule", "")[:40], _number(request.POST.get("municipality", ""))
    found(town)
    try:
        was_there = take_gap_back(rule, int(town or 0), by=person(request), now=page.now)
    except AlignForbidden:
        was_there = False
    found(was_there or None)
    return go(request, "/workspace/gaps/", gettext("It is looked for again, within a minute."))
