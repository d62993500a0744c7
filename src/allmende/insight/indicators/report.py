"""A report of an organisation, a network or an area: one set of texts for the page, the PDF and the workbook.

Who reads it sees what they see elsewhere: their own figures, those that are shared with a name, and anonymous groups.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from django.db.models import Max, Q
from django.utils.translation import gettext, ngettext

from allmende.core.formats import day_medium
from allmende.core.text import NOTHING as NO_TEXT
from allmende.core.text import Picked, pick
from allmende.insight.bridges import indicator_files
from allmende.insight.indicators import words
from allmende.insight.indicators.comparing import GroupShown
from allmende.insight.indicators.definitions import Definition, read_definitions
from allmende.insight.indicators.figures import ORGANISATION, TERRITORY, Figure, known_of, plan_of, year_of
from allmende.insight.indicators.quarters import QuarterTable, quarter_table
from allmende.insight.indicators.queries import Line, definitions, portrait
from allmende.insight.indicators.report_quarters import quarter_part, quarters_of
from allmende.insight.indicators.report_values import ReportRow, ReportTable
from allmende.insight.indicators.vocabulary import unit_name
from allmende.insight.models import BenchmarkRelease, Indicator, IndicatorValue, PublicFigures
from allmende.insight.rules import public_figures, visible_figures, visible_sites
from allmende.partners.models import Network, NetworkOrganisation, Organisation, Territory
from allmende.partners.rules import Someone, network_role

KINDS: Final = ("organisation", "network", "territory")
COLUMNS_SHOWN: Final = 5
NETWORK_YEARS: Final = 3


@dataclass(frozen=True, slots=True)
class Report:
    """What the page shows and the files hold."""

    kind: str
    id: int
    name: str
    title: str
    subtitle: str
    label: str
    purpose: Picked
    parts: tuple[ReportTable, ...]
    notes: tuple[str, ...]
    cells: tuple[tuple[Any, ...], ...]
    """Rows of the workbook, see ``WORKBOOK``."""
    language: str


WORKBOOK: Final = (
    "list", "code", "indicator", "subject", "year", "quarter", "value", "unit", "provisional", "shared", "demo", "origin", "source",
    "as_of", "note", "formula", "defined_by", "group_members", "group_lower_quartile", "group_median",
    "group_upper_quartile",
)  # fmt: skip


def report_of(kind: str, pk: int, *, user: Someone, language: str, now: datetime, publisher: str) -> Report | None:
    """The report, or None where there is nothing in it for ``user``."""
    if kind == "organisation":
        return _of_organisation(pk, user, language, now, publisher)
    if kind == "network":
        return _of_network(pk, user, language, now, publisher)
    return _of_territory(pk, user, language, now, publisher) if kind == "territory" else None


def public_report(pk: int, *, language: str, now: datetime, publisher: str) -> Report | None:
    """What an organisation shows to everybody: the figures that it shares; None where it shows none."""
    if not PublicFigures.objects.filter(pk=pk, organisation__ended_on__isnull=True).exists():
        return None
    return _of_organisation(pk, None, language, now, publisher, public_figures(pk))


def _of_organisation(
    pk: int, user: Someone, language: str, now: datetime, publisher: str, visible: Q | None = None
) -> Report | None:
    organisation = (
        Organisation.objects.select_related("municipality").defer("municipality__outline").filter(pk=pk).first()
    )
    if organisation is None:
        return None
    shown = portrait(organisation, user=user, language=language, today=now.date(), visible=visible)
    if shown is None:
        return None
    names = {one.code: one.name for one in definitions(language)}
    country, years = (
        shown.desk.country,
        _with_figures(shown.years, [line for _, lines in shown.groups for line in lines]),
    )
    parts, cells = [], []
    for name, lines in shown.groups:
        rows = []
        for line in lines:
            rows.append(_row(line, years, names, language, country))
            if line.group is not None and line.group.is_shown:
                rows.append(_group_row(line.definition, line.group, line.last.year, years, language, country))
            cells += _cells(line, organisation.name, words.set_name(name), years, language, country)
        columns = (*map(str, years), gettext("Unit"))
        parts.append(ReportTable(words.set_name(name), "", columns, gettext("Indicator"), tuple(rows)))
    by_quarter = quarter_part(shown.quarters, names, language, country)
    if by_quarter is not None:
        parts.append(by_quarter)
        cells += _quarter_cells(shown.quarters, organisation.name, language, country)
    return _finished(
        "organisation", pk, organisation.name, shown.purpose, parts, cells, shown.has_demo, language, now, publisher
    )


def _with_figures(years: Sequence[int], lines: Sequence[Line]) -> tuple[int, ...]:
    there = {figure.year for line in lines for figure in line.figures if figure.value is not None}
    return tuple(year for year in years if year in there)[-COLUMNS_SHOWN:]


def _row(line: Line, years: Sequence[int], names: dict[str, str], language: str, country: str) -> ReportRow:
    one, last = line.definition, line.last
    by_year = {figure.year: figure for figure in line.figures}
    small = words.origin(last, names, language)
    if last.note:
        small += f" · {last.note}"
    cells = tuple(_cell(one, by_year.get(year), language) for year in years)
    return ReportRow(one.name, small, (*cells, unit_name(one.unit, country)))


def _cell(one: Definition, figure: Figure | None, language: str) -> str:
    if figure is None or figure.value is None:
        return words.NOTHING
    said = words.bare(one, figure.value, language)
    return gettext("%(figure)s p") % {"figure": said} if figure.is_provisional else said


def _group_row(
    one: Definition, group: GroupShown, year: int, years: Sequence[int], language: str, country: str
) -> ReportRow:
    spread = f"{words.bare(one, group.low, language)} – {words.bare(one, group.high, language)}"
    name = ngettext("Anonymous group, %(n)s member", "Anonymous group, %(n)s members", group.members)
    middle = gettext("Middle: %(middle)s. Figures as of %(day)s.") % {
        "middle": words.bare(one, group.middle, language),
        "day": day_medium(group.made_at.date(), language) if group.made_at else words.NOTHING,
    }
    cells = tuple(spread if at == year else "" for at in years)
    return ReportRow(name % {"n": group.members}, middle, (*cells, unit_name(one.unit, country)), is_group=True)


def _cells(
    line: Line, subject: str, list_name: str, years: Sequence[int], language: str, country: str
) -> list[tuple[Any, ...]]:
    one, last = line.definition, line.last
    names = {line.definition.code: one.name}
    rows = []
    for figure in line.figures:
        if figure.value is None or figure.year not in years:
            continue
        group = line.group if line.group is not None and line.group.is_shown and figure.year == last.year else None
        rows.append(_workbook_row(one, figure, subject, list_name, group, names, language, country))
    return rows


def _workbook_row(
    one: Definition,
    figure: Figure,
    subject: str,
    list_name: str,
    group: GroupShown | None,
    names: dict[str, str],
    language: str,
    country: str,
    quarter: int | None = None,
) -> tuple[Any, ...]:
    quartiles = (group.members, group.low, group.middle, group.high) if group else (None, None, None, None)
    return (
        list_name, one.code, one.name, subject, figure.year, quarter, figure.value, unit_name(one.unit, country),
        int(figure.is_provisional), int(figure.is_shared), int(figure.is_demo), figure.origin, figure.source,
        figure.at.date().isoformat() if figure.at else None, figure.note, one.formula, one.source, *quartiles,
    )  # fmt: skip


def _quarter_cells(table: QuarterTable, subject: str, language: str, country: str) -> list[tuple[Any, ...]]:
    return [
        _workbook_row(
            one, replace(year, value=value), subject, words.set_name(one.set), None, {}, language, country, quarter
        )
        for one, year, quarter, value in quarters_of(table)
    ]


def _of_network(pk: int, user: Someone, language: str, now: datetime, publisher: str) -> Report | None:
    network = Network.objects.filter(pk=pk).first()
    if network is None or network_role(user, pk) is None:
        return None
    members = dict(
        NetworkOrganisation.objects.filter(network=pk, state=NetworkOrganisation.State.MEMBER)
        .order_by("organisation__name")
        .values_list("organisation_id", "organisation__name")
    )
    rows = Indicator.objects.filter(subject=ORGANISATION).exclude(period="month").select_related("owner")
    asked = read_definitions(rows, language)
    visible = visible_figures(user)
    told = IndicatorValue.objects.filter(visible, organisation__in=list(members))
    last = told.aggregate(last=Max("start"))["last"]
    latest = last.year if last else now.year - 1
    years = tuple(range(latest - NETWORK_YEARS + 1, latest + 1))
    known, plan = known_of(ORGANISATION, list(members), years, visible=visible), plan_of(asked)
    found = {member: {year: year_of(known[member], plan, year) for year in years} for member in members}
    names = {one.code: one.name for one in asked}
    groups = _groups_of_network(pk, latest)
    parts, cells, has_demo = [], [], False
    for one in asked:
        lines = []
        for member, name in members.items():
            line = Line(one, tuple(found[member][year][one.code] for year in years), None)
            if not any(figure.value is not None for figure in line.figures):
                continue
            has_demo = has_demo or line.last.is_demo
            row = _row(line, years, names, language, "")
            lines.append(ReportRow(name, row.small, row.cells[:-1]))
            cells += _cells(line, name, words.set_name(one.set), years, language, "")
        if one.id in groups:
            row = _group_row(one, groups[one.id], latest, years, language, "")
            lines.append(ReportRow(row.name, row.small, row.cells[:-1], is_group=True))
        if lines:
            unit = unit_name(one.unit)
            title = f"{one.name} ({unit})" if unit else one.name
            parts.append(ReportTable(title, one.about, tuple(map(str, years)), gettext("Organisation"), tuple(lines)))
    for member, name in members.items():
        table = quarter_table(asked, found[member], years)
        by_quarter = quarter_part(table, names, language, "")
        if by_quarter is not None:
            parts.append(replace(by_quarter, title=f"{name}: {by_quarter.title}"))
            cells += _quarter_cells(table, name, language, "")
            has_demo = has_demo or any(line.last.is_demo for line in table.lines)
    purpose = pick(network.about, language)
    return _finished("network", pk, network.name, purpose, parts, cells, has_demo, language, now, publisher)


def _groups_of_network(pk: int, year: int) -> dict[int, GroupShown]:
    """Groups of the network's own indicators; others are compared in circles that reach beyond it."""
    rows = BenchmarkRelease.objects.filter(circle=f"network:{pk}", start=date(year, 1, 1), withheld="").defer("figures")
    return {
        row.indicator_id: GroupShown(row.members, row.low, row.middle, row.high, "", row.waiting, row.released_at)
        for row in rows
        if row.low is not None and row.middle is not None and row.high is not None
    }


def _of_territory(pk: int, user: Someone, language: str, now: datetime, publisher: str) -> Report | None:
    area = Territory.objects.defer("outline").filter(pk=pk).first()
    if area is None:
        return None
    visible = visible_figures(user)
    sites = list(visible_sites(user).filter(territory=pk).values_list("pk", flat=True))
    last = IndicatorValue.objects.filter(visible, territory=pk).aggregate(last=Max("start"))["last"]
    if last is None and not sites:
        return None
    latest = last.year if last else now.year - 1
    years = tuple(range(latest - COLUMNS_SHOWN + 1, latest + 1))
    asked = [one for one in definitions(language, networks=[]) if one.subject == TERRITORY]
    known, plan = known_of(TERRITORY, [pk], years, visible=visible, sites=sites)[pk], plan_of(asked)
    found = {year: year_of(known, plan, year) for year in years}
    names = {one.code: one.name for one in asked}
    lines = [Line(one, tuple(found[year][one.code] for year in years), None) for one in asked if one.period == "year"]
    lines = [line for line in lines if any(figure.value is not None for figure in line.figures)]
    shown = _with_figures(years, lines)
    if not lines:
        return None
    parts, cells = [], []
    for name in dict.fromkeys(line.definition.set for line in lines):
        mine = [line for line in lines if line.definition.set == name]
        rows = tuple(_row(line, shown, names, language, area.country) for line in mine)
        columns = (*map(str, shown), gettext("Unit"))
        parts.append(ReportTable(words.set_name(name), "", columns, gettext("Indicator"), rows))
        for line in mine:
            cells += _cells(line, area.name, words.set_name(name), shown, language, area.country)
    has_demo = any(figure.is_demo for line in lines for figure in line.figures)
    return _finished("territory", pk, area.name, NO_TEXT, parts, cells, has_demo, language, now, publisher)


def _finished(
    kind: str,
    pk: int,
    name: str,
    purpose: Picked,
    parts: Sequence[ReportTable],
    cells: Sequence[tuple[Any, ...]],
    has_demo: bool,
    language: str,
    now: datetime,
    publisher: str,
) -> Report:
    notes = [gettext("A dash means: there is no figure. It is not zero."), gettext("p: provisional.")]
    if any(row.is_group for part in parts for row in part.lines):
        notes.append(
            gettext(
                "Of an anonymous group the middle half is shown, if at least five others have a figure that they have not shared with their name, and none makes up more than half of the whole. The smallest and the largest are never shown."
            )
        )
    subtitle = gettext("Made by %(publisher)s on %(day)s") % {
        "publisher": publisher,
        "day": day_medium(now.date(), language),
    }
    label = gettext("Demonstration: these figures are invented.") if has_demo else ""
    title = gettext("Figures: %(name)s") % {"name": name}
    return Report(kind, pk, name, title, subtitle, label, purpose, tuple(parts), tuple(notes), tuple(cells), language)


def pdf(report: Report, *, now: datetime, publisher: str) -> bytes:
    """The report as an accessible PDF."""
    value = {
        "language": report.language,
        "title": report.title,
        "subtitle": report.subtitle,
        "label": report.label,
        "purpose_title": gettext("What we are there for"),
        "purpose": report.purpose.text,
        "purpose_language": report.purpose.language or report.language,
        "parts": [asdict(part) for part in report.parts],
        "notes_title": gettext("How to read the figures"),
        "notes": list(report.notes),
        "page_of": gettext("Page {page} of {pages}"),
        "author": publisher,
    }
    return indicator_files.pdf_of(value, made=now)


def xlsx(report: Report) -> bytes:
    """The figures as a workbook, one row for each, with their sources, dates and definitions."""
    return indicator_files.xlsx_of(WORKBOOK, report.cells, report.title)
