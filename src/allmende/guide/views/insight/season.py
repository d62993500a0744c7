"""The season: demand against offer by week, who is open when, and where an event would help."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from allmende.catalogue.queries.season import UNTOLD
from allmende.catalogue.queries.season import choices as season_choices
from allmende.core import formats
from allmende.guide import charts
from allmende.guide.page import Page
from allmende.guide.views.insight.frame import insight_page, show_insight
from allmende.guide.views.insight.indicators import HOME, SCRIPT, STYLES
from allmende.guide.views.workspace.frame import person, private, signed_in
from allmende.insight.season.queries import AXES, OpenRow, SeasonPicture, picture

STEPS: Final = (20.0, 40.0, 60.0, 80.0)
MOST_CHOICES: Final = 600


def _wanted(request: HttpRequest) -> tuple[str, int | None]:
    axis, area = request.GET.get("by", ""), request.GET.get("area", "")
    is_number = area.isascii() and area.isdecimal() and len(area) < 10
    territory = int(area) if is_number else None
    return ("category" if territory is not None or axis not in AXES else axis), territory


def _picture(request: HttpRequest, page: Page) -> SeasonPicture:
    axis, territory = _wanted(request)
    return picture(axis, territory, user=person(request), today=page.today, language=page.language)


@require_safe
@signed_in
def season(request: HttpRequest) -> HttpResponse:
    """The pictures, their numbers, and the weeks in which an event would help."""
    page = insight_page(request, gettext("Season: demand and offer"), styles=STYLES)
    page.scripts = (*page.scripts, SCRIPT)
    page.crumbs = ((gettext("Indicators"), page.base + HOME),)
    axis, territory = _wanted(request)
    told = _picture(request, page)
    context = {
        "told": told,
        "axis": axis,
        "area": territory,
        "areas": season_choices("municipality", page.language)[:MOST_CHOICES],
        "weeks": _weeks_chart(told, page.language),
        "opening": _opening_chart(told, page.language) if told.rows else None,
        "query": f"by={axis}" + (f"&area={territory}" if territory is not None else ""),
    }
    return show_insight(request, page, "indicators", "season.html", context)


@require_safe
@signed_in
def season_csv(request: HttpRequest) -> HttpResponse:
    """The first picture as a table for spreadsheets."""
    page = insight_page(request, "")
    told = _picture(request, page)
    response = HttpResponse(_weeks_chart(told, page.language).csv(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="demand-and-offer.csv"'
    return private(response)


def _weeks_chart(told: SeasonPicture, language: str) -> charts.Chart:
    """Everything in per cent of its own ordinary week, so that one picture holds it."""
    at = [float(monday.toordinal()) for monday in told.mondays]
    middle = told.events.whole.median
    events = [100 * week.n / middle if middle else None for week in told.events.whole.weeks]
    share = [100 * n / told.open_all.places if told.open_all.places else None for n in told.open_all.open]
    series = [charts.Line(gettext("Event days"), list(zip(at, events, strict=True)), "c1")]
    if told.visits.sites:
        name = gettext("Visits, a year earlier")
        series.append(charts.Line(name, list(zip(at, told.visits.index, strict=True)), "c2"))
    if told.nights.sites:
        name = gettext("Overnight stays, a year earlier")
        series.append(charts.Line(name, list(zip(at, told.nights.index, strict=True)), "c3"))
    if told.open_all.places:
        series.append(charts.Line(gettext("Places open, of 100"), list(zip(at, share, strict=True)), "c4"))
    return charts.lines(
        series,
        x=charts.Axis(gettext("Week of"), kind="day"),
        y=charts.Axis(gettext("Per cent of an ordinary week"), unit="%"),
        title=gettext("Demand and offer by week"),
        language=language,
    )


def _opening_chart(told: SeasonPicture, language: str) -> charts.Chart:
    rows = [(row_name(row), [100 * n / row.places for n in row.open]) for row in told.rows]
    labels = [formats.day_month(monday, language) for monday in told.mondays]
    words = [gettext("up to %(n)s %%") % {"n": int(step)} for step in STEPS] + [gettext("more than 80 %")]
    return charts.heat(
        rows, labels, steps=STEPS, words=words, title=gettext("Who is open when"), language=language, unit="%"
    )


def row_name(row: OpenRow) -> str:
    """A municipality or category with how many places are known there."""
    name = gettext("Not told") if row.key == UNTOLD else row.name or row.key
    return f"{name} ({row.places})"
