"""A workbook of plain rows: names on top, cells that no spreadsheet takes for a formula."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from allmende.formats.outgoing.cells import LONGEST, safe_row


def write_rows(names: Sequence[str], rows: Iterable[Sequence[Any]], *, title: str) -> bytes:
    """The workbook; cells are texts, numbers or None."""
    book = Workbook(write_only=True)
    book.properties.title = title
    sheet = book.create_sheet()
    sheet.append(list(names))
    for row in rows:
        sheet.append([ILLEGAL_CHARACTERS_RE.sub("", c)[:LONGEST] if isinstance(c, str) else c for c in safe_row(row)])
    with tempfile.TemporaryFile() as file:
        book.save(file)
        file.seek(0)
        return file.read()
