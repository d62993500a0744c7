"""Indicators: where to begin, the definitions, an organisation's purpose with its figures, and comparison."""

from __future__ import annotations

import math
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from allmende.core import formats
from allmende.guide import charts
from allmende.guide.views.insight.frame import insight_page, show_insight
from allmende.guide.views.insight.trend import in_group, trend
from allmende.guide.views.workspace.frame import found, go, person, signed_in
from allmende.insight.indicators import queries
from allmende.insight.indicators import words as figure_words
from allmende.insight.indicators.own import own_figures
from allmende.insight.indicators.publishing import is_published
from allmende.insight.indicators.queries import Definition
from allmende.insight.rules import may_publish_figures
from allmende.partners.models import Organisation
from allmende.partners.rules import is_member, organisation_ids

STYLES: Final = ("guide/insight/charts.css", "guide/insight/indicators.css")
SCRIPT: Final = "guide/insight/charts.js"
HOME: Final = "/workspace/insight/indicators/"


def the_organisation(pk: int) -> Organisation:
    """The organisation with this number, or no such page."""
    rows = Organisation.objects.select_related("municipality").defer("municipality__outline")
    one: Organisation = found(rows.filter(pk=pk).first())
    return one


@require_safe
@signed_in
def home(request: HttpRequest) -> HttpResponse:
    """My organisations with what there is, and the ways on."""
    page = insight_page(request, gettext("Indicators"), styles=STYLES)
    desks = queries.my_desks(person(request))
    context = {
        "desks": desks,
        "own": own_figures(desks, page.today.year - 1, user=person(request), language=page.language),
        "fw": figure_words,
        "in_group": in_group,
        "this_year": page.today.year - 1,
        "networks": queries.networks_with_names(person(request)),
    }
    return show_insight(request, page, "indicators", "indicators.html", context)


@require_safe
@signed_in
def definitions(request: HttpRequest) -> HttpResponse:
    """Every definition: name, formula, unit, source, period, direction."""
    page = insight_page(request, gettext("What is measured, and how"), styles=STYLES)
    page.crumbs = ((gettext("Indicators"), page.base + HOME),)
    user = person(request)
    rows = queries.definitions(page.language, networks=queries.networks_of(user))
    lists = dict.fromkeys(one.set for one in rows)
    context = {
        "lists": [(figure_words.set_name(name), [one for one in rows if one.set == name]) for name in lists],
        "names": {one.code: one.name for one in rows},
        "fw": figure_words,
        "unit_name": queries.unit_name,
        "networks": queries.networks_to_define_for(user),
    }
    return show_insight(request, page, "indicators", "indicator_definitions.html", context)


@require_safe
@signed_in
def portrait(request: HttpRequest, pk: int) -> HttpResponse:
    """Purpose first, then the figures with their years and their group."""
    organisation = the_organisation(pk)
    page = insight_page(request, organisation.name, styles=STYLES)
    shown = found(queries.portrait(organisation, user=person(request), language=page.language, today=page.today))
    page.crumbs = ((gettext("Indicators"), page.base + HOME),)
    context = {
        "shown": shown,
        "names": {line.definition.code: line.definition.name for _, lines in shown.groups for line in lines}
        | {one.code: one.name for one in queries.definitions(page.language)},
        "fw": figure_words,
        "trend": trend,
        "in_group": in_group,
        "this_year": page.today.year - 1,
        "here": f"{page.base}{HOME}{pk}/",
        "is_public": is_published(pk),
        "has_shared": any(figure.is_shared for _, lines in shown.groups for line in lines for figure in line.figures)
        or any(year.is_shared for line in shown.quarters.lines for year in line.years),
        "may_publish": may_publish_figures(person(request), pk),
    }
    return show_insight(request, page, "indicators", "indicator_portrait.html", context)


@require_safe
@signed_in
def compare(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """One indicator of one year beside the anonymous group and the figures that others share."""
    organisation = the_organisation(pk)
    user = person(request)
    found(is_member(user, pk) or None)
    page = insight_page(request, organisation.name, styles=STYLES)
    page.scripts = (*page.scripts, SCRIPT)
    one: Definition = found(queries.definition(code, page.language))
    desk = queries.desk_of(organisation)
    found(queries.is_asked(one, desk) or None)
    years = queries.years_compared(one.id)
    asked = request.GET.get("year", "")
    year = int(asked) if asked.isdecimal() and len(asked) == 4 else (years[0] if years else page.today.year - 1)
    mine = [pk, *organisation_ids(user)]
    told = queries.compare(one, year, desk, user=user, mine=mine, language=page.language)
    page.title = one.name
    page.crumbs = ((gettext("Indicators"), page.base + HOME), (organisation.name, f"{page.base}{HOME}{pk}/"))
    context = {
        "one": one,
        "told": told,
        "desk": desk,
        "year": year,
        "years": years,
        "chart": _chart(told, desk, page.language),
        "fw": figure_words,
        "names": {row.code: row.name for row in queries.definitions(page.language)},
        "here": f"{page.base}{HOME}{pk}/",
        "siblings": queries.comparable(desk, page.language),
    }
    return show_insight(request, page, "indicators", "indicator_compare.html", context)


def _chart(told: queries.Comparison, desk: queries.Desk, language: str) -> charts.Chart | None:
    """The middle half of the group as an interval, and each figure with a name as a dot."""
    rows: list[tuple[str, float | None, float | None, float | None]] = []
    if told.group.is_shown:
        name = gettext("Group of %(n)s") % {"n": told.group.members}
        rows.append((name, told.group.middle, told.group.low, told.group.high))
    rows += [(dot.name, dot.figure.value, None, None) for dot in told.dots]
    if not rows:
        return None
    one = told.definition
    unit = queries.unit_name(one.unit, desk.country)
    title = gettext("%(name)s in %(year)s") % {"name": one.name, "year": told.year}
    known = [value for _, *values in rows for value in values if value is not None]
    axis = charts.Axis(unit, _ticks(max(known), page_language=language), unit)
    return charts.whiskers(rows, x=axis, title=title, language=language)


def _ticks(top: float, *, page_language: str) -> list[tuple[float, str]]:
    """Round values from zero on: figures of indicators have no negative side to show."""
    if top <= 0:
        return [(0.0, "0"), (1.0, "1")]
    size = 10.0 ** math.floor(math.log10(top / 3))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor * 4 >= top)
    return [(step * n, formats.number(round(step * n, 6), page_language)) for n in range(math.ceil(top / step) + 1)]


@require_safe
@signed_in
def choose(request: HttpRequest, pk: int) -> HttpResponse:
    """From the form of choices to the comparison that was chosen."""
    organisation = the_organisation(pk)
    found(is_member(person(request), organisation.pk) or None)
    code, year = request.GET.get("code", ""), request.GET.get("year", "")
    page = insight_page(request, "")
    found(queries.definition(code[:60], page.language))
    query = f"?year={year}" if year.isdecimal() and len(year) == 4 else ""
    return go(request, f"{HOME}{pk}/compare/{code}/{query}")
