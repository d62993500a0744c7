"""A report of figures as an accessible PDF (PDF/UA-1): headings, a heading row in every table, language, page numbers (see
``formats.paper``).

Everything is text that the caller has written in the reader's language; nothing is computed here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from allmende.formats.paper import set_pdf

__all__ = ["ReportLine", "ReportPart", "ReportText", "write_pdf"]


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One row: a name, what stands small below it, and one text for each column."""

    name: str
    small: str
    cells: Sequence[str]
    is_group: bool = False
    """The anonymous group, set apart from single figures."""


@dataclass(frozen=True, slots=True)
class ReportPart:
    """A heading with a table."""

    title: str
    lead: str
    columns: Sequence[str]
    """Names of the cells; the first column (the name) has ``first``."""
    first: str
    lines: Sequence[ReportLine]


@dataclass(frozen=True, slots=True)
class ReportText:
    """The whole report."""

    language: str
    title: str
    subtitle: str
    label: str
    """Set on top of every page, such as that the figures are a demonstration; or empty."""
    purpose_title: str
    purpose: str
    purpose_language: str
    parts: Sequence[ReportPart]
    notes_title: str
    notes: Sequence[str]
    page_of: str
    """``Page {page} of {pages}``."""
    author: str


def write_pdf(report: ReportText, *, made: datetime) -> bytes:
    """The PDF; the same report made at the same moment gives the same bytes."""
    return set_pdf(__package__, asdict(report), made=made)
