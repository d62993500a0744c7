"""Reports as accessible PDFs (PDF/UA-1): headings, tables with headers, pictures with their words, the language.

``pdf_report(report)`` sets what it is given and knows nothing of what it says.  The same report gives the same bytes.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import typst


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure that stands out."""

    value: str
    name: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing with the words that take its place for whoever does not see it."""

    svg: str
    """A whole SVG document with its own colours: neither style sheets nor variables reach it."""
    alt: str
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Figures in rows; the first ``names`` columns name them."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    """Each as long as the head."""
    names: int = 1
    widths: tuple[float, ...] = ()
    """Parts of the width for each column; empty: the first a little wider than the others."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands below it, in this order."""

    title: str
    paragraphs: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    points: tuple[str, ...] = ()
    """A list with dots."""
    pictures: tuple[Picture, ...] = ()
    beside: bool = False
    """The pictures stand beside each other rather than one below the other."""
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = ()
    """In small letters."""


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report."""

    language: str
    """ISO 639-1."""
    title: str
    sections: tuple[Section, ...]
    subtitle: str = ""
    label: str = ""
    """On top of every page, such as "Demonstration"."""
    lead: tuple[str, ...] = ()
    """What matters most, in large letters."""
    facts: tuple[Fact, ...] = ()
    foot: str = ""
    page_of: str = "{page} / {pages}"
    author: str = ""
    brand: str = "#1f5f4a"
    """Colour of headings, dark on white."""


class BrokenDrawing(ValueError):
    """A picture, or a table with rows of another length than its head, cannot be set; the message says which."""


def pdf_report(report: Report, *, made: datetime | None = None) -> bytes:
    """The PDF.  ``made`` is the moment written into it; raises ``BrokenDrawing``."""
    with tempfile.TemporaryDirectory(prefix="allmende-pdf-") as name:
        folder = Path(name)
        content: dict[str, Any] = asdict(report)
        for number, (section, told) in enumerate(zip(report.sections, content["sections"], strict=True)):
            for table in section.tables:
                if any(len(row) != len(table.head) for row in table.rows):
                    raise BrokenDrawing(f"{table.caption}: a row is not as long as the head.")
            for place, picture in enumerate(section.pictures):
                file = f"{number}-{place}.svg"
                (folder / file).write_text(picture.svg, "utf-8")
                told["pictures"][place]["file"] = file
        (folder / "report.json").write_text(json.dumps(content, ensure_ascii=False), "utf-8")
        template = files(__package__) / "templates" / "report.typ"
        (folder / "report.typ").write_text(template.read_text("utf-8"), "utf-8")
        try:
            return typst.compile(
                folder / "report.typ",
                root=folder,
                ignore_system_fonts=True,  # the same on every machine
                format="pdf",
                pdf_standards=["ua-1"],
                timestamp=int((made or datetime(2000, 1, 1, tzinfo=UTC)).timestamp()),
            )
        except typst.TypstError as error:
            raise BrokenDrawing(f"{report.title}: {error}") from error
