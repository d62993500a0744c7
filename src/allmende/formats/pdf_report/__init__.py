"""Reports as accessible PDFs (PDF/UA-1): headings, tables with headers, pictures with their words, the language.

``pdf_report(report)`` sets what it is given and knows nothing of what it says.  The same report gives the same bytes.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from allmende.formats.paper import CannotSet, set_pdf


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
    content: dict[str, Any] = asdict(report)
    drawings: dict[str, str] = {}
    for number, (section, told) in enumerate(zip(report.sections, content["sections"], strict=True)):
        for table in section.tables:
            if any(len(row) != len(table.head) for row in table.rows):
                raise BrokenDrawing(f"{table.caption}: a row is not as long as the head.")
        for place, picture in enumerate(section.pictures):
            file = f"{number}-{place}.svg"
            drawings[file] = picture.svg
            told["pictures"][place]["file"] = file
    try:
        return set_pdf(__package__, content, made=made or datetime(2000, 1, 1, tzinfo=UTC), drawings=drawings)
    except CannotSet as error:
        raise BrokenDrawing(f"{report.title}: {error}") from error
