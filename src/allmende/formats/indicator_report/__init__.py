"""A report of figures as an accessible PDF (PDF/UA-1): headings, a heading row in every table, language, page numbers.

Everything is text that the caller has written in the reader's language; nothing is computed here.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.resources import files
from pathlib import Path

import typst

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
    with tempfile.TemporaryDirectory(prefix="allmende-report-") as name:
        folder = Path(name)
        (folder / "report.json").write_text(json.dumps(asdict(report), ensure_ascii=False), "utf-8")
        template = files(__package__) / "templates" / "report.typ"
        (folder / "report.typ").write_text(template.read_text("utf-8"), "utf-8")
        return typst.compile(
            folder / "report.typ",
            root=folder,
            ignore_system_fonts=True,  # the same on every machine
            format="pdf",
            pdf_standards=["ua-1"],
            timestamp=int(made.timestamp()),
        )
