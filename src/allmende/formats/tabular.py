"""What CSV files and worksheets have in common: the row of column names, rows as records, keys."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

import orjson

from allmende.formats.mapping import Plan, Proposal, propose_mapping
from allmende.formats.mapping.propose import SAMPLE
from allmende.formats.records import Problem, RawRecord, ReadOptions, UnusableInput
from allmende.formats.text import strip_control

MAX_COLUMNS: Final = 1024
HEADER_ROWS: Final = 30
"""Rows among which the column names are looked for."""
_MAX_NOTES = 200
_VALUE = re.compile(
    r"https?://\S+|[^\s@]+@[\w-]+\.[\w.-]+|\d{4}-\d\d-\d\d.*|\d{1,2}[./]\d{1,2}[./]\d{2,4}|[-+]?\d+([.,]\d+)?"
)

Row = tuple[int, Sequence[Any]]
"""Row number as a spreadsheet shows it, and the cells."""


class Table(NamedTuple):
    """A table whose column names were found."""

    headers: list[str]
    rows: Iterator[Row]
    """Rows under the names."""


def find_table(rows: Iterable[Row]) -> Table:
    """The table in ``rows``, below titles and blank lines; raises :class:`UnusableInput` if there are no names."""
    iterator = iter(rows)
    head: list[Row] = []
    for row in iterator:
        head.append(row)
        if len(head) >= HEADER_ROWS:
            break
    widths = [sum(1 for cell in cells if not _is_blank(cell)) for _, cells in head]
    if not any(widths):
        raise UnusableInput("The table is empty. Export it again with a row of column names and the rows below it.")
    usual = sorted(widths)[len(widths) * 3 // 4]
    least = max(1, round(usual * 0.6))
    at = next(number for number, width in enumerate(widths) if width >= least)
    number, cells = head[at]
    values = [str(cell) for cell in cells if not _is_blank(cell)]
    if sum(1 for value in values if _VALUE.fullmatch(value.strip())) > len(values) / 3:
        raise UnusableInput(f"Row {number} holds values where column names belong. Put a row of names on top.")
    if len(cells) > MAX_COLUMNS:
        raise UnusableInput(f"The table has more than {MAX_COLUMNS} columns. Export only those that matter.")
    return Table(_unique(cells), _chain(head[at + 1 :], iterator))


def records_of(table: Table, plan: Plan, *, note_short: bool = False) -> Iterator[RawRecord | Problem]:
    """Raw records from rows; a row that is too long is refused, one that ends early is noted where that is unusual."""
    headers = table.headers
    width = len(headers)
    keys = KeyMaker(plan)
    short = 0
    number = 0
    for number, cells in table.rows:
        where = f"row {number}"
        cells = list(cells)
        got = len(cells)
        while cells and _is_blank(cells[-1]):
            cells.pop()
        if not cells:
            continue
        if len(cells) > width:
            yield Problem(
                where,
                f"The row has {len(cells)} cells and the table {width} columns. Put quotation marks around texts "
                "that hold the separator.",
                "long-row",
            )
            continue
        value = {header: _unsafed(cell) for header, cell in zip(headers, cells, strict=False)}
        if plan.is_skipped(value):
            continue
        if note_short and got < width:
            short += 1
            if short <= _MAX_NOTES:
                yield _short_row(number, got, width)
        yield from keys.record(value, orjson.dumps(value), where)
    if short > _MAX_NOTES:
        yield Problem("file", f"{short - _MAX_NOTES} further rows end early as well.", "short-row", "note")
    if not number:
        yield Problem("file", "The table has column names and no rows below them.", "no-rows", "note")


class KeyMaker:
    """Keys of the records of one delivery, and one note where records name none."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._noted = False

    def record(self, value: Any, raw: bytes, where: str, member: str = "") -> Iterator[RawRecord | Problem]:
        """The raw record; before the first without a key of its own, a note."""
        key = self._plan.record_key(value, member)
        if not key:
            if not self._noted:
                self._noted = True
                yield Problem(
                    where,
                    "From here on, records without a key are told apart by name, start and place. "
                    "Name a “key” in the mapping, so that a changed title stays the same record.",
                    "no-key",
                    "note",
                )
            key = self._plan.derived_key(value)
        yield RawRecord(key, raw, where)


def propose_for_table(table: Table, options: ReadOptions) -> Proposal:
    """A proposed mapping from the names and the first rows."""
    rows = []
    for _, cells in table.rows:
        if not all(_is_blank(cell) for cell in cells):
            rows.append(dict(zip(table.headers, cells, strict=False)))
        if len(rows) >= SAMPLE:
            break
    hint = None if options.kind == "event" else options.kind
    return propose_mapping(table.headers, rows, kind_hint=hint)


def with_mapping(options: ReadOptions, proposal: Proposal) -> ReadOptions:
    """``options`` with the proposed mapping."""
    return ReadOptions(proposal.mapping, options.language, options.timezone, options.kind)


def _short_row(number: int, got: int, width: int) -> Problem:
    return Problem(
        f"row {number}",
        f"The row has {got} of {width} cells; the missing ones were taken as empty.",
        "short-row",
        "note",
    )


def _unique(cells: Sequence[Any]) -> list[str]:
    names: dict[str, None] = {}
    trimmed = list(cells)
    while trimmed and _is_blank(trimmed[-1]):
        trimmed.pop()
    for number, cell in enumerate(trimmed, 1):
        name = " ".join(strip_control("" if cell is None else str(cell)).split())[:200] or f"column {number}"
        further = 2
        unique = name
        while unique in names:
            unique = f"{name} ({further})"
            further += 1
        names[unique] = None
    return list(names)


_SAFED = re.compile(r"'+[=+\-@\t\r\n]")


def _unsafed(cell: Any) -> Any:
    """A cell without the apostrophe that keeps spreadsheets from taking it for a formula (``outgoing.cells``)."""
    if isinstance(cell, str) and cell[:1] == "'" and _SAFED.match(cell):
        return cell[1:]
    return cell


unsafed = _unsafed


def _is_blank(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and (not cell or cell.isspace()))


def _chain(head: list[Row], rest: Iterator[Row]) -> Iterator[Row]:
    yield from head
    yield from rest
