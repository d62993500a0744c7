"""The report as an accessible PDF (PDF/UA-1): headings, tables, alternative texts, language."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import typst

from allmende.engines.flows.report.parts import Report, Section
from allmende.engines.flows.report.theme import LIGHT, PAPER
from allmende.engines.flows.report.wording import texts

WIDTH = 640
_FOLDED_ROWS = 40
"""rows of a table that is folded away on the page; the PDF has no fold, and the whole is in the release"""


def document(report: Report, *, made: datetime | None = None) -> bytes:
    """The PDF.  ``made`` is the moment written into it; without it the same report always gives the same bytes."""
    with tempfile.TemporaryDirectory(prefix="allmende-report-") as name:
        folder = Path(name)
        content: dict[str, Any] = {
            "language": report.language,
            "title": report.title,
            "subtitle": report.subtitle,
            "label": report.label,
            "headline": [asdict(fact) for fact in report.headline],
            "sections": [_section(section, folder) for section in report.sections],
            "foot": report.foot,
            "page_of": texts(report.language)["page_of"],
            "colours": dict(LIGHT),
        }
        (folder / "report.json").write_text(json.dumps(content, ensure_ascii=False), "utf-8")
        (folder / "report.typ").write_text(
            (files(__package__) / "templates" / "report.typ").read_text("utf-8"), "utf-8"
        )
        return typst.compile(
            folder / "report.typ",
            root=folder,
            ignore_system_fonts=True,  # the same on every machine
            format="pdf",
            pdf_standards=["ua-1"],
            timestamp=int((made or datetime(2000, 1, 1, tzinfo=UTC)).timestamp()),
        )


def _section(section: Section, folder: Path) -> dict[str, Any]:
    drawing = ""
    if section.chart is not None:
        drawing = f"{section.key}.svg"
        (folder / drawing).write_text(section.chart.draw(WIDTH, PAPER), "utf-8")
    table = None
    if section.table is not None:
        table = asdict(section.table)
        if not section.open_table:
            table["rows"] = table["rows"][:_FOLDED_ROWS]
    return {
        "title": section.title,
        "lead": section.lead,
        "facts": [asdict(fact) for fact in section.facts],
        "drawing": drawing,
        "alt": f"{section.chart.title}. {section.chart.desc}" if section.chart else "",
        "legend": [list(entry) for entry in section.legend],
        "table": table,
        "notes": list(section.notes),
    }
