"""The year at a glance: where it is crowded, where it is thin, and who could fill it."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from allmende.catalogue import queries
from allmende.catalogue.queries import season as seasons
from allmende.catalogue.queries.season import AXES, SeasonFilter, SeasonTable, may_combine
from allmende.guide.heatmap import bars_svg, heat_svg
from allmende.guide.rules import may_enter_workspace
from allmende.guide.views.workspace import align_words
from allmende.guide.views.workspace.frame import found, person, show, signed_in, workspace_page

MOST_CHOICES = 600
MOST_CHOSEN = 25


def filter_of(query: QueryDict) -> SeasonFilter:
    """What is asked for; what makes no sense is left out."""
    axis = query.get("by", "")
    axis = axis if axis in AXES else "municipality"
    kind, _sep, value = query.get("only", "").partition(":")
    is_known = kind in AXES and 0 < len(value) <= 60 and may_combine(axis, kind)
    is_known = is_known and (kind in {"category", "audience"} or (value.isascii() and value.isdecimal()))
    measure = query.get("count", "")
    rows = [row for row in query.getlist("row") if 0 < len(row) <= 60]
    if axis in {"municipality", "department"}:
        rows = [row for row in rows if row.isascii() and row.isdecimal()]
    return SeasonFilter(
        axis,
        kind if is_known else "",
        value if is_known else "",
        tuple(dict.fromkeys(rows))[:MOST_CHOSEN],
        "begins" if measure == "begins" else "n",
    )


def query_of(wanted: SeasonFilter, **changes: object) -> str:
    """The address' query for a filter."""
    told = {
        "by": wanted.axis,
        "only": f"{wanted.by}:{wanted.by_value}" if wanted.by else "",
        "row": wanted.rows,
        "count": wanted.measure if wanted.measure != "n" else "",
        **changes,
    }
    return urlencode({name: value for name, value in told.items() if value}, doseq=True)


def _week(text: str, table: SeasonTable) -> date | None:
    """The thin week that is asked for, else the first of the longest thin stretch."""
    try:
        asked = date.fromisoformat(text) if text else None
    except ValueError:
        asked = None
    if asked in table.mondays:
        return asked
    return max(table.thin, key=len)[0].monday if table.thin else None


@require_safe
@signed_in
def season(request: HttpRequest) -> HttpResponse:
    """The picture, its table, thin weeks, and who could fill them."""
    found(may_enter_workspace(person(request)) or None)
    page = workspace_page(request, "align", gettext("The season"))
    page.styles = (*page.styles, "guide/align.css")
    wanted = filter_of(request.GET)
    table = seasons.season(wanted, today=page.today, language=page.language)
    week = _week(request.GET.get("week", ""), table)
    page.query = query_of(wanted)
    names = [_name(row.key, table) for row in table.rows]
    context = {
        "wanted": wanted,
        "table": table,
        "names": names,
        "bars": bars_svg(table.whole, page.language, label=gettext("All rows together, week by week")),
        "heat": heat_svg(
            table.rows, names, page.language, label=gettext("Each row week by week; the table below says it in numbers")
        ),
        "week": week,
        "week_end": week + timedelta(days=6) if week else None,
        "fillers": seasons.could_fill(wanted, week, language=page.language, now=page.now) if week else [],
        "active": seasons.active_elsewhen(wanted, today=page.today) if week else [],
        "filters": _filters(wanted.axis, page.language),
        "choices": seasons.choices(wanted.axis, page.language)[:MOST_CHOICES],
        "query_of": query_of,
        "aw": align_words,
        "six_days": timedelta(days=6),
    }
    return show(request, page, "season.html", context)


def _name(key: str, table: SeasonTable) -> str:
    return gettext("Not told") if key == seasons.UNTOLD else table.labels[key]


def _filters(axis: str, language: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """The second facts that can be asked for, in groups."""
    groups = []
    for other in ("category", "audience", "department", "municipality"):
        if may_combine(axis, other):
            options = [(f"{other}:{key}", name) for key, name in seasons.choices(other, language)[:MOST_CHOICES]]
            groups.append((str(align_words.AXES[other]), options))
    return groups


@require_safe
@signed_in
def season_csv(request: HttpRequest) -> HttpResponse:
    """The same as a table for spreadsheets."""
    found(may_enter_workspace(person(request)) or None)
    page = workspace_page(request, "align", "")
    wanted = filter_of(request.GET)
    table = seasons.season(wanted, today=page.today, language=page.language)
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    writer.writerow(["row", "total", "median_week", *(monday.isoformat() for monday in table.mondays)])
    rows = [(gettext("All together"), table.whole), *((_name(row.key, table), row) for row in table.rows)]
    for name, row in rows:
        writer.writerow([queries.safe_cell(name), row.total, row.median, *(week.n for week in row.weeks)])
    return csv_file(buffer.getvalue(), "season.csv")


def csv_file(text: str, name: str) -> HttpResponse:
    """A table as a download; the mark in front tells spreadsheets that it is UTF-8."""
    response = HttpResponse("\ufeff" + text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
