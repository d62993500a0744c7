"""A workbook of published records, one row at a time; the archive stands in a temporary file, never in memory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from allmende.formats.outgoing import FeedInfo, Published
from allmende.formats.outgoing.cells import LONGEST, row_of, safe_row
from allmende.formats.outgoing.plain import COLUMNS

_PIECE = 1 << 16
MOST_ROWS: Final = 1_048_575
"""Rows of a worksheet below its names; what is more begins another sheet."""


def write_xlsx(entries: Iterable[Published], info: FeedInfo) -> Iterator[bytes]:
    """The workbook."""
    book = Workbook(write_only=True)
    book.properties.title = info.title
    book.properties.creator = info.publisher or info.title
    sheet: Any = None
    rows = MOST_ROWS
    for entry in entries:
        if rows >= MOST_ROWS:
            sheet, rows = _sheet(book), 0
        sheet.append([_cell(cell) for cell in safe_row(row_of(entry))])
        rows += 1
    if sheet is None:
        _sheet(book)
    with tempfile.TemporaryFile() as file:
        book.save(file)
        file.seek(0)
        while piece := file.read(_PIECE):
            yield piece


def _sheet(book: Workbook) -> Any:
    sheet = book.create_sheet()
    sheet.append(list(COLUMNS))
    return sheet


def _cell(cell: Any) -> Any:
    if isinstance(cell, float) and float(f"{cell:.16g}") != cell:
        return repr(cell)  # the library writes 16 digits; as text a number keeps all of them
    if not isinstance(cell, str):
        return cell
    text: str = ILLEGAL_CHARACTERS_RE.sub("", cell)
    return text[:LONGEST] or None
