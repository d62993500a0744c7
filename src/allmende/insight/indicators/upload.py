"""Tables of figures in: read, match, look at what would change, apply.  And the table to fill in, out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, BinaryIO, Final

from django.utils.translation import gettext

from allmende.insight.bridges import indicator_files
from allmende.insight.indicators.actions import Entry
from allmende.insight.indicators.definitions import Definition, asked_of
from allmende.insight.indicators.marks import FIELDS, mark_of
from allmende.insight.indicators.numbers import parse_figure, shown_figure
from allmende.insight.indicators.periods import EXAMPLES, YEAR, read_period, starts_of, written
from allmende.insight.indicators.queries import Sheet, definitions
from allmende.insight.indicators.subject import desk_of
from allmende.insight.indicators.vocabulary import unit_name
from allmende.insight.models import IndicatorValue
from allmende.partners.models import Organisation

COLUMNS: Final = ("code", "indicator", "unit", "period", "value", "source", "note", "shared", "provisional")
NAMES: Final[Mapping[str, str]] = {
    "code": "code", "short name": "code", "indicator": "indicator", "period": "period", "year": "period", "month": "period",
    "value": "value", "figure": "value", "source": "source", "note": "note", "shared": "shared",
    "provisional": "provisional", "kennzahl": "indicator", "wert": "value", "jahr": "period", "zeitraum": "period",
    "quelle": "source", "anmerkung": "note", "indikator": "indicator", "värde": "value", "år": "period", "period ": "period",
    "källa": "source", "anteckning": "note", "værdi": "value", "kilde": "source", "note ": "note", "waarde": "value",
    "jaar": "period", "bron": "source", "indicateur": "indicator", "valeur": "value", "année": "period",
    "période": "period", "remarque": "note",
}  # fmt: skip
"""Name of a column, in small letters -> what it holds."""
_OPTIONAL: Final = {"source": "source", "note": "note", "shared": "is_shared", "provisional": "is_provisional"}
"""Columns that a table may leave out -> the field that then stays as it is stored."""
MOST_PROBLEMS: Final = 50


@dataclass(frozen=True, slots=True)
class Change:
    """What applying would do to one figure."""

    entry: Entry
    name: str
    before: float | None
    state: str
    """``new``, ``changed`` or ``same``."""
    period: str = "year"


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file would change, and what of it is not understood."""

    changes: tuple[Change, ...]
    problems: tuple[tuple[str, str], ...]
    """(where, message with its remedy)."""
    same: int


class TableRefused(ValueError):
    """The file is no table of figures; the message says what to send."""


def preview(organisation: Organisation, stream: BinaryIO, *, language: str) -> Preview:
    """What the file would change.  Good rows stand beside the problems of bad ones.  Raises :class:`TableRefused`."""
    try:
        names, rows, trouble = indicator_files.read_table(stream)
    except indicator_files.UnusableInput as error:
        raise TableRefused(str(error)) from error
    columns = {name: NAMES[name.strip().casefold()] for name in names if name.strip().casefold() in NAMES}
    missing = {"period", "value"} - set(columns.values())
    if missing or not {"code", "indicator"} & set(columns.values()):
        raise TableRefused(
            gettext(
                "The table needs the columns code (or indicator), period and value. Download the table to fill in, and use that."
            )
        )
    desk = desk_of(organisation)
    asked = asked_of(desk.kind, desk.networks, definitions(language, networks=desk.networks))
    known = {one.code: one for one in asked} | {one.name.casefold(): one for one in asked}
    problems = list(trouble)
    entries: dict[tuple[str, date], tuple[Entry, Definition]] = {}
    for number, row in rows:
        told = {
            columns[name]: str(cell if cell is not None else "").strip()
            for name, cell in row.items()
            if name in columns
        }
        if not told.get("value"):
            continue
        where = gettext("row %(n)s") % {"n": number}
        read = _entry(told, known, language)
        if isinstance(read, str):
            problems.append((where, read))
        elif (read[0].code, read[0].start) in entries:
            problems.append((where, gettext("This figure stands in the table twice; the first one counts.")))
        else:
            entries[read[0].code, read[0].start] = read
    kept = [field for column, field in _OPTIONAL.items() if column not in columns.values()]
    changes = _changes(desk.own_figures(), entries, kept)
    new = tuple(change for change in changes if change.state != "same")
    return Preview(new, tuple(problems[:MOST_PROBLEMS]), len(changes) - len(new))


def _entry(told: Mapping[str, Any], known: Mapping[str, Definition], language: str) -> tuple[Entry, Definition] | str:
    one = known.get(told.get("code", "")) or known.get(told.get("indicator", "").casefold())
    if one is None:
        return gettext("There is no indicator “%(name)s” for you to fill in.") % {
            "name": told.get("code") or told.get("indicator", "")
        }
    if one.formula:
        return gettext("“%(name)s” is computed from others and not entered.") % {"name": one.name}
    start = read_period(told.get("period", ""), one.period)
    if start is None:
        return gettext("“%(period)s” is no such period. Write %(example)s.") % {
            "period": told.get("period", "")[:40],
            "example": EXAMPLES[one.period],
        }
    value = parse_figure(told["value"], language)
    if value is None or value < 0:
        return gettext("“%(value)s” is no figure.") % {"value": told["value"][:40]}
    yes = {"1", "x", "ja", "yes", "oui", "true", "wahr"}
    return (
        Entry(
            one.code,
            start,
            value,
            told.get("source", ""),
            told.get("note", ""),
            is_shared=told.get("shared", "").casefold() in yes,
            is_provisional=told.get("provisional", "").casefold() in yes,
        ),
        one,
    )


def _changes(
    own: Any, entries: Mapping[tuple[str, date], tuple[Entry, Definition]], kept: Sequence[str]
) -> list[Change]:
    """Each entry beside what is stored, with the mark of it.  ``kept``: fields of which the table says nothing."""
    starts = {start for _, start in entries}
    rows = IndicatorValue.objects.filter(own, start__in=starts)
    told = rows.values_list("indicator__code", "start", *FIELDS)
    stored: dict[tuple[str, date], tuple[Any, ...]] = {(row[0], row[1]): row[2:] for row in told}
    found = []
    for key, (entry, one) in entries.items():
        before = stored.get(key)
        if before is not None and kept:
            entry = replace(entry, **{name: before[FIELDS.index(name)] for name in kept})
        mine = tuple(getattr(entry, name) for name in FIELDS)
        state = "new" if before is None else "same" if before == mine else "changed"
        found.append(
            Change(replace(entry, seen=mark_of(before)), one.name, before[0] if before else None, state, one.period)
        )
    return found


def table_of(sheet: Sheet, language: str) -> list[list[Any]]:
    """The table of a year to fill in: what is known stands in it, months and quarters by their row."""
    rows: list[list[Any]] = []
    for _, of_list in sheet.groups:
        for row in of_list:
            one, now = row.definition, row.now
            if row.kept_by:
                continue
            is_mine = now.origin == "entered"
            rest = [now.source, now.note, int(now.is_shared), int(now.is_provisional)] if is_mine else ["", "", 0, 0]
            unit = unit_name(one.unit, sheet.desk.country)
            starts = starts_of(one.period, sheet.year)
            told = (now.value,) if one.period == YEAR else now.months or (None,) * len(starts)
            for start, value in zip(starts, told, strict=True):
                period = written(one.period, start)
                rows.append([one.code, one.name, unit, period, value if is_mine else None, *rest])
    return rows


def csv_table(sheet: Sheet, language: str) -> bytes:
    """The table as CSV, with figures as the language writes them."""
    rows = table_of(sheet, language)
    for row in rows:
        row[4] = "" if row[4] is None else shown_figure(row[4], 6, language)
    return indicator_files.csv_of(COLUMNS, rows)


def xlsx_table(sheet: Sheet, language: str) -> bytes:
    """The table as a workbook."""
    return indicator_files.xlsx_of(COLUMNS, table_of(sheet, language), f"{sheet.desk.name} {sheet.year}"[:31])
