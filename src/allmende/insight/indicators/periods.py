"""Months, quarters and years: how they are written in tables, and which of them a year has."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

MONTH, QUARTER, YEAR = "month", "quarter", "year"
STARTS: Final = {MONTH: tuple(range(1, 13)), QUARTER: (1, 4, 7, 10), YEAR: (1,)}
"""How long a period is -> the months in which one begins."""
EXAMPLES: Final = {MONTH: "2025-03", QUARTER: "2025-Q1", YEAR: "2025"}
EARLIEST, LATEST = 1990, 2100
_DATE: Final = re.compile(r"(\d{4})(?:[-/.](\d{1,2}))?(?:[-/.]\d{1,2})?(?: .*)?")
_QUARTER: Final = re.compile(
    r"(?P<year>\d{4})[-/. ]*[QKT](?P<n>[1-4])|[QKT](?P<n2>[1-4])[-/. ]*(?P<year2>\d{4})|"
    r"(?P<n3>[1-4])(?:\.|:[ae]|e|st|nd|rd|th|er)? *(?:quarter|quartal|kvartal(?:et)?|kwartaal|trimestre) *(?P<year3>\d{4})",
    re.IGNORECASE,
)
"""``2025-Q1``, ``Q1 2025``, and as the languages write it: ``K1 2025``, ``1er trimestre 2025``."""


def starts_of(kind: str, year: int) -> tuple[date, ...]:
    """First days of the periods of ``year``."""
    return tuple(date(year, month, 1) for month in STARTS[kind])


def written(kind: str, start: date) -> str:
    """A period as tables have it: ``2025-03``, ``2025-Q1``, ``2025``."""
    if kind == MONTH:
        return f"{start.year}-{start.month:02d}"
    return f"{start.year}-Q{(start.month + 2) // 3}" if kind == QUARTER else str(start.year)


def read_period(text: str, kind: str) -> date | None:
    """First day of the period that is written, or None where it is none of this kind.

    A year may be a date within it (spreadsheets make one of it); a quarter may be the date of its first month.
    """
    year, month = _numbers(text, kind)
    if not EARLIEST <= year <= LATEST or month not in (range(1, 13) if kind == YEAR else STARTS[kind]):
        return None
    return date(year, 1 if kind == YEAR else month, 1)


def _numbers(text: str, kind: str) -> tuple[int, int]:
    """Year and first month, 0 where they are not said."""
    found = _QUARTER.fullmatch(text)
    if found:
        told = found.groupdict()
        number = int(told["n"] or told["n2"] or told["n3"])
        return int(told["year"] or told["year2"] or told["year3"]), 3 * number - 2 if kind == QUARTER else 0
    match = _DATE.fullmatch(text)
    if match is None:
        return 0, 0
    return int(match.group(1)), int(match.group(2) or (1 if kind == YEAR else 0))
