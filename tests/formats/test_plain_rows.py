"""Tables with known columns, from CSV and workbooks."""

from __future__ import annotations

import io

import pytest

from allmende.formats.plain_rows import read_rows
from allmende.formats.records import UnusableInput
from allmende.formats.xlsx_table.plain_rows import write_rows


def test_a_workbook_and_a_csv_file_give_the_same_rows() -> None:
    rows = [["museum_visits", 2025, 12.5], ["=cmd", 2025, None], [None, None, None]]
    book = io.BytesIO(write_rows(["code", "period", "value"], rows, title="x"))
    text = io.BytesIO("code;period;value\nmuseum_visits;2025;12.5\n'=cmd;2025;\n;;\n".encode("utf-8-sig"))
    for stream in (book, text):
        names, found, problems = read_rows(stream, 100)
        assert names == ["code", "period", "value"]
        assert [(number, row["code"], str(row["period"]), str(row.get("value") or "")) for number, row in found] == [
            (2, "museum_visits", "2025", "12.5"),
            (3, "=cmd", "2025", ""),
        ]
        assert problems == []


def test_more_rows_than_wanted_are_left() -> None:
    _, found, _ = read_rows(io.BytesIO(b"a,b\n" + b"x,y\n" * 50), 7)
    assert len(found) == 7


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"%PDF-1.7", b"\xd0\xcf\x11\xe0 old"])
def test_what_is_no_table_is_refused(content: bytes) -> None:
    with pytest.raises(UnusableInput):
        read_rows(io.BytesIO(content), 10)
