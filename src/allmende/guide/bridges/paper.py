"""Charts of the pages as drawings for paper, and reports as PDF."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Final

from allmende.formats.pdf_report import BrokenDrawing, Fact, Picture, Report, Section, Table, pdf_report
from allmende.guide.charts import Chart

__all__ = ["BrokenDrawing", "Fact", "Picture", "Report", "Section", "Table", "pdf", "picture", "table"]

_STYLE: Final = (Path(__file__).parent / "paper.css").read_text("utf-8")
_EACH: Final = re.compile(r"<svg\b[^>]*>.*?</svg>", re.DOTALL)
_ATTRIBUTES: Final = re.compile(r'\s(?:data-at|class|role|aria-label)="[^"]*"')


def drawing(chart: Chart, *, is_narrow: bool = False) -> str:
    """The wide (or narrow) picture of a chart as a document of its own, in colours for white paper."""
    both = list(_EACH.finditer(str(chart.svg)))
    found = both[-1 if is_narrow else 0] if both else None
    if found is None:
        raise BrokenDrawing(f"{chart.title}: there is no picture.")
    head, _, rest = found[0].partition(">")
    head = _ATTRIBUTES.sub("", head).replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    return f"{head}><style>{_STYLE}</style>{rest}"


def picture(chart: Chart, caption: str = "", *, is_narrow: bool = False) -> Picture:
    """A chart with the words that take its place."""
    return Picture(drawing(chart, is_narrow=is_narrow), f"{chart.title}. {chart.summary}".strip(), caption)


def table(chart: Chart, most: int = 40) -> Table:
    """The first ``most`` rows of the same in numbers."""
    rows = tuple(tuple(str(cell) for cell in row) for row in chart.table.rows[:most])
    return Table(chart.table.caption, tuple(str(cell) for cell in chart.table.head), rows)


def pdf(report: Report, *, made: datetime | None = None) -> bytes:
    """The report as an accessible PDF; raises ``BrokenDrawing``."""
    return pdf_report(report, made=made)
