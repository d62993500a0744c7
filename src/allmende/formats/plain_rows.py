"""Rows of a CSV file or workbook below its names, as they stand: for tables whose columns are known."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any, BinaryIO

from allmende.formats import csv_table, xlsx_table
from allmende.formats.records import Problem, ReadOptions
from allmende.formats.tabular import find_table, unsafed


def read_rows(stream: BinaryIO, most: int) -> tuple[list[str], list[tuple[int, dict[str, Any]]], list[Problem]]:
    """Names, (row number, name -> cell) for up to ``most`` rows, and what could not be read.

    Raises :class:`~allmende.formats.records.UnusableInput` where there is no table.
    """
    head = stream.read(4096)
    stream.seek(0)
    if xlsx_table.sniff(head, "") > csv_table.sniff(head, "table.csv"):
        with xlsx_table.open_sheet(stream, ReadOptions()) as (rows, _):
            table = find_table(rows)
            return table.headers, list(_named(table.headers, table.rows, most)), []
    problems: deque[Problem] = deque()
    source, table = csv_table.open_table(stream, problems)
    found = list(_named(table.headers, table.rows, most))
    return table.headers, found, [*problems, *source.notes]


def _named(headers: list[str], rows: Iterator[tuple[int, Any]], most: int) -> Iterator[tuple[int, dict[str, Any]]]:
    for count, (number, cells) in enumerate(rows):
        if count >= most:
            return
        value = {header: unsafed(cell) for header, cell in zip(headers, cells, strict=False)}
        if any(str(cell or "").strip() for cell in value.values()):
            yield number, value
