"""The part of a report that shows quarters, in words and as rows of the workbook."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext

from allmende.core.formats import quarter_short
from allmende.insight.indicators import words
from allmende.insight.indicators.figures import Figure
from allmende.insight.indicators.periods import QUARTER, starts_of
from allmende.insight.indicators.quarters import QuarterTable
from allmende.insight.indicators.report_values import ReportRow, ReportTable
from allmende.insight.indicators.vocabulary import unit_name

Cells = Callable[[Any, Figure, str], tuple[Any, ...]]
"""(definition, figure with ``value`` and ``quarter``, name of its list) -> a row of the workbook."""


def quarter_part(table: QuarterTable, names: Mapping[str, str], language: str, country: str) -> ReportTable | None:
    """The table of quarters; None where there is none."""
    if not table.lines:
        return None
    rows = []
    for line in table.lines:
        one, last = line.definition, line.last
        small = words.origin(last, dict(names), language)
        cells = tuple(words.bare(one, value, language) for value in line.values)
        rows.append(ReportRow(one.name, small, (*cells, unit_name(one.unit, country))))
    columns = tuple(f"{quarter_short(start, language)} {start.year}" for start in table.starts)
    return ReportTable(gettext("By quarter"), "", (*columns, gettext("Unit")), gettext("Indicator"), tuple(rows))


def quarters_of(table: QuarterTable) -> list[tuple[Any, Figure, int, float]]:
    """(definition, figure of the year, number of the quarter, value) of each figure of the table."""
    found = []
    for line in table.lines:
        for year in line.years:
            for start, value in zip(starts_of(QUARTER, year.year), year.months or (None,) * 4, strict=True):
                if value is not None and start in table.starts:
                    found.append((line.definition, year, (start.month + 2) // 3, value))
    return found
