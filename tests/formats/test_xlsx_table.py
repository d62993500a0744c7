"""Excel workbooks, whole, odd and hostile."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from allmende.formats import xlsx_table
from allmende.formats.records import ReadOptions, UnusableInput
from tests.formats.tabular_help import read_all, split_all

MAPPING: dict[str, Any] = {
    "kind": "event",
    "key": "Nr",
    "fields": {"name": "Titel", "start": "Datum", "start_time": "Zeit"},
}
SAMPLES = Path(xlsx_table.__file__).parent / "samples"


def saved(book: Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def workbook(*rows: list[Any]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    return saved(book)


def rewritten(data: bytes, changes: dict[str, bytes]) -> bytes:
    """The archive with some parts replaced or added."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, changes.get(name, old.read(name)))
        for name in changes.keys() - set(old.namelist()):
            new.writestr(name, changes[name])
    return stream.getvalue()


HEADERS = ["Nr", "Titel", "Datum", "Zeit"]


def test_dates_times_and_numbers_are_taken_as_such() -> None:
    data = workbook(
        ["Programm"], [], HEADERS,
        [1, "Fest", datetime(2026, 11, 7), time(19, 30)], [2.0, "Markt", date(2026, 11, 8), None], [],
        ["3", "Lesung", datetime(2026, 11, 9, 20, 15), None],
    )  # fmt: skip
    records, problems = split_all(xlsx_table, data, MAPPING)
    assert [(record.key, record.where, record.raw) for record in records] == [
        ("1", "row 4", b'{"Nr":1,"Titel":"Fest","Datum":"2026-11-07","Zeit":"19:30"}'),
        ("2", "row 5", b'{"Nr":2,"Titel":"Markt","Datum":"2026-11-08"}'),
        ("3", "row 7", b'{"Nr":"3","Titel":"Lesung","Datum":"2026-11-09 20:15:00"}'),
    ]
    assert problems == []
    parsed, _ = read_all(xlsx_table, data, MAPPING)
    starts = [one.record.schedule.start for one in parsed if one.record and one.record.schedule]
    assert starts == [datetime(2026, 11, 7, 19, 30), date(2026, 11, 8), datetime(2026, 11, 9, 20, 15)]


def test_the_first_visible_sheet_with_data_counts_and_the_others_are_named() -> None:
    book = Workbook()
    hidden = book.create_sheet("Listen", 0)
    hidden.append(["a"])
    hidden.sheet_state = "hidden"
    for title in ("Programm", "Archiv"):
        sheet = book.create_sheet(title)
        sheet.append(HEADERS)
        sheet.append([title, "Fest", date(2026, 11, 7)])
    data = saved(book)
    records, problems = split_all(xlsx_table, data, MAPPING)
    assert [record.key for record in records] == ["Programm"]
    assert [problem.message for problem in problems] == [
        "Further worksheets were not read: Archiv. Name one as “sheet”."
    ]
    assert [record.key for record in split_all(xlsx_table, data, {**MAPPING, "sheet": "Archiv"})[0]] == ["Archiv"]
    with pytest.raises(UnusableInput, match="no worksheet “Programme”"):
        split_all(xlsx_table, data, {**MAPPING, "sheet": "Programme"})


def test_formulas_without_a_value_errors_and_merged_cells_are_borne() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADERS)
    sheet.append(["=1+1", "=cmd|' /C calc'!A0", date(2026, 11, 7), "#N/A"])
    sheet.append(["x", "Fest", date(2026, 11, 7), None])
    sheet.merge_cells("B3:D3")
    records, problems = split_all(xlsx_table, saved(book), MAPPING)
    assert [record.raw for record in records] == [
        b'{"Nr":null,"Titel":null,"Datum":"2026-11-07"}',
        b'{"Nr":"x","Titel":"Fest"}',
    ]
    assert [problem.code for problem in problems] == ["no-key"]


def test_a_real_workbook_is_read_without_any_help() -> None:
    data = (SAMPLES / "wollbach_gewerbe_12.xlsx").read_bytes()
    mapping = xlsx_table.resolve_mapping(io.BytesIO(data), ReadOptions())
    parsed, _ = read_all(xlsx_table, data, mapping)
    found = [one.record for one in parsed if one.record]
    assert len(found) == 12
    assert (found[0].kind, found[0].name, found[0].address.street) == (
        "place",
        {"": "Antiquitäten Graf"},
        "Basler Str. 16",
    )
    assert (found[0].contact.email, found[0].contact.phone) == ("graf-kandern@onlinehome.de", "07626 7404")
    assert found[0].categories == ["Einzelhandel"]


def test_a_zip_bomb_is_measured_and_not_opened() -> None:
    bomb = rewritten(workbook(HEADERS), {"xl/worksheets/sheet9.xml": b"0" * (301 * 1024 * 1024)})
    assert len(bomb) < 1_000_000
    with pytest.raises(UnusableInput, match="301 MB"):
        split_all(xlsx_table, bomb, MAPPING)
    with pytest.raises(UnusableInput, match="far more than a table"):
        split_all(xlsx_table, rewritten(workbook(HEADERS), {"x.xml": b"0" * (30 * 1024 * 1024)}), MAPPING)
    with pytest.raises(UnusableInput, match="parts"):
        split_all(xlsx_table, rewritten(workbook(HEADERS), {f"{n}.xml": b"" for n in range(5001)}), MAPPING)


def test_entities_are_refused() -> None:
    laughs = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">]><worksheet>&a;</worksheet>'
    with pytest.raises(UnusableInput, match="entities"):
        split_all(xlsx_table, rewritten(workbook(HEADERS), {"xl/worksheets/sheet1.xml": laughs}), MAPPING)


@pytest.mark.parametrize(
    "before", [b"<!--" + b"x" * 5000 + b"-->", b"<!--" + b"<a>" * 2000 + b"-->", b"\n" * 4000 + b" " * 500]
)
def test_entities_behind_a_long_beginning_are_refused(before: bytes) -> None:
    laughs = b'<?xml version="1.0"?>' + before + b'<!DOCTYPE x [<!ENTITY a "ha">]><worksheet>&a;</worksheet>'
    with pytest.raises(UnusableInput, match="entities"):
        split_all(xlsx_table, rewritten(workbook(HEADERS), {"xl/worksheets/sheet1.xml": laughs}), MAPPING)


def test_a_sheet_that_claims_a_million_rows_is_read_as_far_as_it_goes() -> None:
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:XFD1048576"/><sheetData>'
        b'<row r="1"><c r="A1" t="inlineStr"><is><t>Nr</t></is></c><c r="B1" t="inlineStr"><is><t>Titel</t></is></c></row>'
        b'<row r="2"><c r="A2"><v>7</v></c><c r="B2" t="inlineStr"><is><t>Fest</t></is></c></row>'
        b'<row r="1048576"><c r="A1048576"><v>8</v></c></row><row r="999999999"><c r="A999999999"><v>9</v></c></row>'
        b"</sheetData></worksheet>"
    )
    data = rewritten(workbook(HEADERS), {"xl/worksheets/sheet1.xml": sheet})
    mapping = {"kind": "place", "key": "Nr", "fields": {"name": "Titel"}}
    assert [(record.key, record.where) for record in split_all(xlsx_table, data, mapping)[0]] == [("7", "row 2")]


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, r"\.xls"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"PK\x03\x04 no archive", "damaged"),
        (b"Nr;Titel\n1;a\n", "csv"),
        (b"<html>", "web page"),
        (workbook(), "no data"),
        (workbook(["Nr", "Titel"])[:-200], "damaged"),
        (rewritten(workbook(HEADERS), {"xl/worksheets/sheet1.xml": b"<worksheet><broken"}), "damaged"),
        (rewritten(workbook(HEADERS), {"xl/workbook.xml": b"no xml"}), "damaged"),
    ],
)
def test_what_is_no_workbook_is_refused_with_its_remedy(data: bytes, word: str) -> None:
    with pytest.raises(UnusableInput, match=word):
        split_all(xlsx_table, data, MAPPING)


def test_archives_of_other_kinds_are_named() -> None:
    def archive(name: str) -> bytes:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as new:
            new.writestr(name, "x")
        return stream.getvalue()

    with pytest.raises(UnusableInput, match="OpenDocument"):
        split_all(xlsx_table, archive("mimetype"), MAPPING)
    with pytest.raises(UnusableInput, match="without a workbook"):
        split_all(xlsx_table, archive("table.csv"), MAPPING)


def test_sniff() -> None:
    assert xlsx_table.sniff(workbook(HEADERS)[:4096], "download") == 0.95
    assert xlsx_table.sniff(b"\xd0\xcf\x11\xe0", "alt.xls") == 0.8
    assert xlsx_table.sniff(b"Nr;Titel", "x.xlsx") == 0.0
