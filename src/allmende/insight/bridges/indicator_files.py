"""Figures as files, and files as figures."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, BinaryIO, Final

from allmende.formats.outgoing.cells import safe_row
from allmende.formats.records import UnusableInput

__all__ = ["MOST_ROWS", "UnusableInput", "csv_of", "pdf_of", "read_table", "xlsx_of"]
MOST_ROWS: Final = 5000


def read_table(stream: BinaryIO) -> tuple[list[str], list[tuple[int, dict[str, Any]]], list[tuple[str, str]]]:
    """Names of the columns, (number, cells by name) of each row, and (where, message) of what could not be read."""
    from allmende.formats.plain_rows import read_rows  # openpyxl takes long to load

    names, rows, problems = read_rows(stream, MOST_ROWS)
    return names, rows, [(one.where, one.message) for one in problems]


def csv_of(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A table for spreadsheets: UTF-8 with a byte-order mark, semicolons, nothing that could be a formula."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(names)
    writer.writerows(safe_row(row) for row in rows)
    return text.getvalue().encode("utf-8-sig")


def xlsx_of(names: Sequence[str], rows: Iterable[Sequence[Any]], title: str) -> bytes:
    """The same as a workbook."""
    from allmende.formats.xlsx_table.plain_rows import write_rows  # openpyxl takes long to load

    return write_rows(names, rows, title=title)


def pdf_of(report: dict[str, Any], *, made: datetime) -> bytes:
    """A report (fields of ``formats.indicator_report.ReportText``, parts and lines as mappings) as an accessible PDF."""
    # The typesetter is 40 MB; who makes no report does not load it.
    from allmende.formats.indicator_report import ReportLine, ReportPart, ReportText, write_pdf

    parts = [
        ReportPart(**{**part, "lines": [ReportLine(**line) for line in part["lines"]]}) for part in report["parts"]
    ]
    return write_pdf(ReportText(**{**report, "parts": parts}), made=made)
