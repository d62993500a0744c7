"""What goes into a chart, and what comes out."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final, Literal

from markupsafe import Markup

from allmende.catalogue.queries import safe_cell

Cell = str | int | float | None
NOTHING: Final = Markup("")


@dataclass(frozen=True, slots=True)
class Line:
    """One series, oldest first; ``None`` is a gap."""

    name: str
    points: Sequence[tuple[float, float | None]]
    key: str = ""
    """Class of its colour: ``c1`` to ``c6``, ``muted`` or ``expected`` (dashed); by its place where empty."""


@dataclass(frozen=True, slots=True)
class Band:
    """An area from a low to a high value, such as an interval of 80 %."""

    name: str
    points: Sequence[tuple[float, float, float]]
    """(x, low, high)."""
    key: str = ""
    """Class of its colour; that of the first line where empty."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A vertical line with words: the start of an intervention, now."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis and how its values are written."""

    label: str
    ticks: Sequence[tuple[float, str]] | None = None
    """(place, words); chosen from the values where None."""
    unit: str = ""
    """Written behind every value: ``people``, ``%``, ``km``."""
    kind: Literal["number", "day", "moment"] = "number"
    """``day``: values are ``date.toordinal()``.  ``moment``: values are ``datetime.timestamp()``."""
    zone: tzinfo | None = None
    """Where the moments are shown; needed for ``moment``."""
    form: Callable[[float], str] | None = None
    """Writes one value, where the usual way does not fit."""
    zero: bool = True
    """Whether the axis of the values begins at zero."""


@dataclass(frozen=True, slots=True)
class Table:
    """The same in numbers."""

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    """What people read; the first cell names the row."""
    cells: Sequence[Sequence[Cell]] = ()
    """The same without thousands separators and units, for machines; ``rows`` where empty."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A finished chart."""

    svg: Markup
    """Two pictures, for wide and for narrow places."""
    table: Table
    title: str
    key: Markup
    """The legend, or empty."""
    summary: str = ""
    """One sentence: the highest, the lowest, the last."""
    texts: str = "[]"
    """JSON: what is said at each point, rows of texts in the shape of the pictures' ``data-at``."""
    spoken: Markup = NOTHING
    """The same, escaped for an attribute."""
    body: Markup = NOTHING
    """The rows of the table as HTML."""
    near: str = "x"
    """How a pointer finds its point: ``x`` first along the axis, ``xy`` the nearest."""
    scrolls: bool = False
    """Whether the narrow picture is wider than a phone."""

    def csv(self) -> bytes:
        """The table for spreadsheets: UTF-8 with a byte-order mark, semicolons, nothing that could be a formula.

        Numbers are written with a decimal point and without thousands separators; a gap is an empty cell.
        """
        text = io.StringIO()
        writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
        writer.writerow([safe_cell(cell) for cell in self.table.head])
        for row in self.table.cells or self.table.rows:
            writer.writerow([cell if isinstance(cell, int | float) else safe_cell(cell) for cell in row])
        return text.getvalue().encode("utf-8-sig")


NO_VALUE: Final = "–"


def real(value: float | None) -> float | None:
    """The value as a float; None for what is missing or not finite."""
    if value is None:
        return None
    value = float(value)
    return value if math.isfinite(value) else None
