"""The form of a year: what stands in it, and what a person has typed into it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from django.utils.translation import gettext

from allmende.guide.views.workspace.inputs.base import Typed, one, print_of, typed
from allmende.insight.indicators.actions import Entry
from allmende.insight.indicators.numbers import parse_figure, shown_figure
from allmende.insight.indicators.periods import STARTS
from allmende.insight.indicators.queries import Row, Sheet

_LETTERS: Final = {"month": "m", "quarter": "q"}
EXACT: Final = 6
"""Decimals that a field shows, whatever is shown elsewhere."""
MOST_OPEN: Final = 3
"""Up to so many lists nothing is folded."""


@dataclass(slots=True)
class Read:
    """What was typed, as entries; what cannot be used is in ``errors`` by the name of its input."""

    entries: list[Entry] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)


def rows_of(sheet: Sheet) -> Iterator[Row]:
    """The rows that are filled in."""
    for _, rows in sheet.groups:
        yield from rows


def inputs_of(row: Row) -> list[tuple[str, int]]:
    """(name of the input, month in which its period begins) of each figure of a row."""
    code, period = row.definition.code, row.definition.period
    if period not in _LETTERS:
        return [(f"{code}.value", 1)]
    return [(f"{code}.{_LETTERS[period]}{n}", month) for n, month in enumerate(STARTS[period], 1)]


def show(sheet: Sheet, language: str) -> Typed:
    """The inputs as they are stored."""
    told: dict[str, list[str]] = {}
    for row in rows_of(sheet):
        code, now = row.definition.code, row.now
        if row.definition.period in _LETTERS:
            months = now.months if now.origin == "entered" else ()
            names = (name for name, _ in inputs_of(row))
            told |= {name: [_text(value, language)] for name, value in zip(names, months, strict=False)}
        else:
            told[f"{code}.value"] = [_text(now.value if now.origin == "entered" else None, language)]
        if now.origin == "entered":
            told[f"{code}.source"], told[f"{code}.note"] = [now.source], [now.note]
            told[f"{code}.shared"] = ["1"] if now.is_shared else []
            told[f"{code}.provisional"] = ["1"] if now.is_provisional else []
    return typed(told)


def open_groups(sheet: Sheet, inputs: Typed, errors: Iterable[str], language: str, asked: str = "") -> frozenset[str]:
    """The lists that stand open: where there are few, all.

    Of many the one ``asked`` for and those with an error or something unsaved; where there is none of these, the first.
    """
    if len(sheet.groups) <= MOST_OPEN:
        return frozenset(name for name, _ in sheet.groups)
    stored, mine = prints(sheet, show(sheet, language)), prints(sheet, inputs)
    wrong = {name.split(".")[0] for name in errors}
    found = [
        name
        for name, rows in sheet.groups
        if name == asked
        or any(row.definition.code in wrong or mine[row.definition.code] != stored[row.definition.code] for row in rows)
    ]
    return frozenset(found or [sheet.groups[0][0]])


def _text(value: float | None, language: str) -> str:
    return "" if value is None else shown_figure(value, EXACT, language)


def prints(sheet: Sheet, inputs: Typed) -> dict[str, str]:
    """Code -> print of what stands in its inputs."""
    return {row.definition.code: print_of(inputs, row.definition.code) for row in rows_of(sheet)}


def read(sheet: Sheet, told: Typed, seen: Mapping[str, str], language: str) -> Read:
    """Entries for what the person changed; a row that somebody else changed meanwhile is an error, not overwritten."""
    stored, mine, found = prints(sheet, show(sheet, language)), prints(sheet, told), Read()
    for row in rows_of(sheet):
        code = row.definition.code
        if row.kept_by or mine[code] in {stored[code], seen.get(code, stored[code])}:
            continue
        if seen.get(code, stored[code]) != stored[code]:
            found.errors[inputs_of(row)[0][0]] = gettext(
                "Somebody else stored another figure meanwhile. Below stands yours; save again to keep it."
            )
            continue
        _read_row(row, sheet.year, told, language, found)
    return found


def _read_row(row: Row, year: int, told: Typed, language: str, found: Read) -> None:
    code = row.definition.code
    names = inputs_of(row)
    source = one(told, f"{code}.source") or one(told, "all.source")
    for name, month in names:
        text = one(told, name)
        value = parse_figure(text, language) if text else None
        if text and value is None:
            found.errors[name] = gettext("This is no number that is understood. Write digits only: %(example)s.") % {
                "example": shown_figure(12345.5, 1, language)
            }
            continue
        found.entries.append(
            Entry(
                code,
                date(year, month, 1),
                value,
                source,
                one(told, f"{code}.note"),
                is_shared=one(told, f"{code}.shared") == "1",
                is_provisional=one(told, f"{code}.provisional") == "1",
            )
        )
