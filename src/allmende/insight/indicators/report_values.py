"""Tables of a report, in words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One row in words, and the same for a workbook."""

    name: str
    small: str
    cells: tuple[str, ...]
    is_group: bool = False


@dataclass(frozen=True, slots=True)
class ReportTable:
    """A heading with a table."""

    title: str
    lead: str
    columns: tuple[str, ...]
    first: str
    lines: tuple[ReportRow, ...]
