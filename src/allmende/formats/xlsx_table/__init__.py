"""Excel workbooks (.xlsx, .xlsm): the first worksheet with data, dates as dates, the values of formulas.

A raw record is the JSON object of one row, column name → cell, so that ``parse`` needs nothing else.  Macros are never
looked at.  The archive is measured before it is opened (``guard.py``).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import Any, BinaryIO, Final

from openpyxl import load_workbook

from allmende.formats.mapping import Proposal, parse_with_mapping, plan_for
from allmende.formats.records import Parsed, Problem, RawRecord, ReadOptions, UnusableInput
from allmende.formats.tabular import MAX_COLUMNS, Row, Table, find_table, propose_for_table, records_of, with_mapping
from allmende.formats.xlsx_table.guard import BROKEN_ARCHIVE, guard_archive

NAME: Final = "xlsx"
VERSION: Final = 1

_MAX_ROWS = 1_048_576
_MAX_EMPTY_ROWS = 10_000
_MAX_CELL = 32_767
_LARGEST_NUMBER = 1 << 53
_BROKEN_PARTS = (KeyError, TypeError, AttributeError, IndexError, SyntaxError, AssertionError, ArithmeticError)
_BROKEN = "The workbook is damaged and cannot be read. Open it in a spreadsheet, save it again as .xlsx, and send that."


def sniff(head: bytes, filename: str) -> float:
    """How sure it is that these bytes are a workbook; an old .xls counts as one, to be refused with its remedy."""
    name = filename.lower()
    if head.startswith(b"PK\x03\x04"):
        return 0.95 if name.endswith((".xlsx", ".xlsm")) or b"xl/" in head or b"[Content_Types]" in head else 0.3
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return 0.8
    return 0.0


def split(stream: BinaryIO, options: ReadOptions) -> Iterator[RawRecord | Problem]:
    """Raw records, one for each row; without a mapping in ``options`` one is proposed."""
    if options.mapping is None:
        options = with_mapping(options, propose(stream, options))
    plan = plan_for(options)
    with _sheet(stream, options) as (rows, others):
        yield from records_of(find_table(rows), plan)
    if others:
        names = ", ".join(others)[:80]
        yield Problem(
            "file", f"Further worksheets were not read: {names}. Name one as “sheet”.", "other-sheets", "note"
        )


def parse(raw: RawRecord, options: ReadOptions) -> Parsed:
    """Understand one row by the mapping of ``options``."""
    return parse_with_mapping(raw, options)


def propose(stream: BinaryIO, options: ReadOptions) -> Proposal:
    """A mapping proposed from the names of the columns and the first rows; the stream stands at its beginning again."""
    try:
        with _sheet(stream, options) as (rows, _):
            return propose_for_table(find_table(rows), options)
    finally:
        stream.seek(0)


def resolve_mapping(stream: BinaryIO, options: ReadOptions) -> dict[str, object]:
    """The mapping to read this delivery with: that of ``options``, else a proposed one."""
    return dict(options.mapping) if options.mapping is not None else propose(stream, options).mapping


@contextmanager
def open_table(stream: BinaryIO) -> Iterator[Table]:
    """The first worksheet with data, with its rows as they stand, without any mapping."""
    with _sheet(stream, ReadOptions()) as (rows, _):
        yield find_table(rows)


@contextmanager
def _sheet(stream: BinaryIO, options: ReadOptions) -> Iterator[tuple[Iterator[Row], list[str]]]:
    """Rows of the chosen worksheet, and the names of the other visible ones."""
    guard_archive(stream)
    wanted = str((options.mapping or {}).get("sheet", ""))
    with _reading():
        book = load_workbook(stream, read_only=True, data_only=True, keep_links=False)
        try:
            sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"] or book.worksheets
            chosen = next((sheet for sheet in sheets if sheet.title == wanted), None)
            if wanted and chosen is None:
                raise UnusableInput(f"There is no worksheet “{wanted[:40]}”. Correct “sheet” in the mapping.")
            chosen = chosen or next((sheet for sheet in sheets if _has_data(sheet)), None)
            if chosen is None:
                raise UnusableInput("The workbook holds no data. Check that the right file was sent.")
            yield _rows(chosen), [sheet.title for sheet in sheets if sheet is not chosen and _has_data(sheet)]
        finally:
            book.close()


@contextmanager
def _reading() -> Iterator[None]:
    """What the library raises and warns for damaged workbooks, as one clear refusal."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except (UnusableInput, GeneratorExit, MemoryError):
            raise
        except (*BROKEN_ARCHIVE, *_BROKEN_PARTS) as error:
            raise UnusableInput(_BROKEN) from error


def _has_data(sheet: Any) -> bool:
    sheet.reset_dimensions()
    for number, cells in enumerate(sheet.iter_rows(max_row=1000, max_col=MAX_COLUMNS, values_only=True)):
        if any(cell not in (None, "") for cell in cells):
            return True
        if number > 1000:
            break
    return False


def _rows(sheet: Any) -> Iterator[Row]:
    # Sheets name their own size, often wrongly and sometimes as a million empty rows; what is there counts.
    sheet.reset_dimensions()
    empty = 0
    for number, cells in enumerate(sheet.iter_rows(max_row=_MAX_ROWS, values_only=True), 1):
        if not any(cell is not None for cell in cells):
            empty += 1
            if empty > _MAX_EMPTY_ROWS:
                return
            continue
        empty = 0
        yield number, [_plain(cell) for cell in cells[: MAX_COLUMNS + 1]]


def _plain(cell: Any) -> Any:
    """A cell as a JSON value; days and times as ISO text."""
    if cell is None or isinstance(cell, bool):
        return cell
    if isinstance(cell, str):
        return "" if cell.startswith("#") and cell in _ERRORS else cell[:_MAX_CELL]
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time(0) else cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, time):
        return cell.isoformat(timespec="minutes")
    if isinstance(cell, timedelta):
        minutes = int(cell.total_seconds()) // 60
        return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"
    if isinstance(cell, int | float):
        if cell != cell or abs(cell) > _LARGEST_NUMBER:
            return str(cell)
        return int(cell) if float(cell).is_integer() else cell
    return str(cell)[:_MAX_CELL]


_ERRORS = frozenset(("#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!", "#GETTING_DATA"))
