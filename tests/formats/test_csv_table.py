"""CSV files as offices really send them."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import pytest

from allmende.formats import csv_table
from allmende.formats.records import RawRecord, ReadOptions, UnusableInput
from tests.formats.tabular_help import read_all, split_all

MAPPING = {"kind": "event", "key": "Nr", "fields": {"name": "Titel", "start": "Datum"}}
SAMPLES = Path(csv_table.__file__).parent / "samples"


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("line", ["\n", "\r\n", "\r"])
def test_separator_encoding_and_line_ends_are_found(separator: str, encoding: str, line: str) -> None:
    rows = [["Nr", "Titel", "Datum"], ["1", "Käsefest", "2026-11-07"], ["2", "Weinfest", "2026-11-08"]]
    data = (line.join(separator.join(row) for row in rows) + line).encode(encoding)
    records, problems = split_all(csv_table, data, MAPPING)
    assert records[0] == RawRecord("1", '{"Nr":"1","Titel":"Käsefest","Datum":"2026-11-07"}'.encode(), "row 2")
    assert len(records) == 2
    assert [problem.code for problem in problems] == (["latin-1"] if encoding == "cp1252" else [])


def test_titles_above_the_table_and_blank_rows_are_passed_over() -> None:
    data = b"Programm 2026;;\n\nStand: Oktober;;\nNr;Titel;Datum\n1;Fest;2026-11-07\n;;\n2;Markt;2026-11-08\n"
    records, problems = split_all(csv_table, data, MAPPING)
    assert [(record.key, record.where) for record in records] == [("1", "row 5"), ("2", "row 7")]
    assert problems == []


def test_cells_keep_their_line_breaks_and_separators() -> None:
    records, _ = split_all(
        csv_table, b'Nr,Titel,Datum\n1,"Ein ""Fest"",\nim Park",2026-11-07\n2,b,2026-11-08\n', MAPPING
    )
    assert records[0].raw == b'{"Nr":"1","Titel":"Ein \\"Fest\\",\\nim Park","Datum":"2026-11-07"}'
    assert records[1].where == "row 3"


def test_names_that_repeat_or_are_missing_get_one() -> None:
    records, _ = split_all(csv_table, b"Nr,Titel,Titel,,Datum\n1,a,b,c,2026-11-07\n2,a,b,c,2026-11-07\n", MAPPING)
    assert records[0].raw == b'{"Nr":"1","Titel":"a","Titel (2)":"b","column 4":"c","Datum":"2026-11-07"}'


def test_long_rows_are_refused_and_short_ones_noted() -> None:
    data = b"Nr;Titel;Datum\n1;Fest\n2;Fest;2026-11-07;zu;viel\n3;Fest;2026-11-07\n4;Fest;2026-11-07;;\n"
    records, problems = split_all(csv_table, data, MAPPING)
    assert [record.key for record in records] == ["1", "3", "4"]
    assert [(problem.where, problem.code, problem.severity) for problem in problems] == [
        ("row 2", "short-row", "note"),
        ("row 3", "long-row", "error"),
    ]


def test_a_quotation_mark_that_is_never_closed_costs_one_row() -> None:
    good = b"".join(b"%d;Fest;2026-11-07\n" % number for number in range(10_000))
    records, problems = split_all(csv_table, b'Nr;Titel;Datum\na;Fest;2026-11-07\nb;"Fest;2026-11-07\n' + good, MAPPING)
    assert len(records) == 10_001
    assert [(problem.where, problem.code) for problem in problems] == [("row 3, line 3", "bad-row")]
    assert records[-1].where == "row 10003"


def test_a_cell_of_ten_megabytes_costs_one_row() -> None:
    data = b"Nr;Titel;Datum\n1;a;2026-11-07\n2;" + b"x" * 10_000_000 + b";2026-11-07\n3;c;2026-11-07\n"
    records, problems = split_all(csv_table, data, MAPPING)
    assert [(record.key, record.where) for record in records] == [("1", "row 2"), ("3", "row 4")]
    assert [(problem.where, problem.code) for problem in problems] == [("line 3", "long-line")]


def test_problems_name_row_and_column() -> None:
    parsed, _ = read_all(csv_table, b"Nr;Titel;Datum\n1;Fest;bald\n2;;2026-11-08\n", MAPPING)
    assert [one.problems[0].where for one in parsed] == ["row 2, Datum", "row 3, Titel"]


def test_the_line_of_excel_that_names_the_separator_is_obeyed() -> None:
    records, _ = split_all(csv_table, b"sep=|\r\nNr|Titel|Datum\r\n1|a;b;c|2026-11-07\r\n", MAPPING)
    assert records[0].raw == b'{"Nr":"1","Titel":"a;b;c","Datum":"2026-11-07"}'


def test_without_a_key_there_is_one_note_and_a_key_that_stays() -> None:
    data = b"Titel;Datum\nFest;2026-11-07\nMarkt;2026-11-07\n"
    mapping = {"kind": "event", "fields": MAPPING["fields"]}
    records, problems = split_all(csv_table, data, mapping)
    again, _ = split_all(csv_table, data.replace(b"\nFest", b"\n\nFest"), mapping)
    assert [problem.code for problem in problems] == ["no-key"]
    assert [record.key for record in records] == [record.key for record in again]
    assert len({record.key for record in records}) == 2


def test_skip_leaves_rows_out() -> None:
    mapping = {**MAPPING, "skip": {"Stand": ["Entwurf"]}}
    records, _ = split_all(csv_table, b"Nr;Titel;Datum;Stand\n1;a;2026-11-07;Entwurf\n2;b;2026-11-07;\n", mapping)
    assert [record.key for record in records] == ["2"]


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b"\n;;\n\n", "empty"),
        (b"<html><body>", "web page"),
        (b"1;2;2026-11-07\n2;3;2026-11-08\n", "row of names"),
        (b"%PDF-1.7", "PDF"),
        (b"PK\x03\x04", "xlsx"),
        (b"\xd0\xcf\x11\xe0", "old binary"),
        (";".join(f"c{number}" for number in range(2000)).encode() + b"\n", "columns"),
    ],
)
def test_what_is_no_table_is_refused_with_its_remedy(data: bytes, word: str) -> None:
    with pytest.raises(UnusableInput, match=word):
        split_all(csv_table, data, MAPPING)


def test_a_real_file_is_read_without_any_help() -> None:
    data = (SAMPLES / "occitanie_6.csv").read_bytes()
    stream = io.BytesIO(data)
    mapping = csv_table.resolve_mapping(stream, ReadOptions())
    assert stream.tell() == 0
    parsed, problems = read_all(csv_table, data, mapping)
    found = [one.record for one in parsed if one.record]
    assert [problem.code for problem in problems] == ["latin-1"]
    assert len(found) == 6
    assert found[0].name == {"": "18ème Festival du Polar"}
    assert found[0].schedule is not None
    assert (found[0].schedule.start, found[0].schedule.end) == (date(2022, 11, 9), date(2022, 11, 13))
    assert (found[0].lat, found[0].lon) == (43.9768311768, 4.79442463484)
    assert found[0].address.municipality_code == "30351"


def test_a_mapping_that_is_given_is_the_one_that_is_used() -> None:
    assert csv_table.resolve_mapping(io.BytesIO(b""), ReadOptions(mapping=MAPPING)) == MAPPING


def test_without_a_mapping_split_proposes_one() -> None:
    assert [record.key for record in split_all(csv_table, b"Nr;Titel;Datum\n1;a;2026-11-07\n2;b;2026-11-07\n")[0]] == [
        "1",
        "2",
    ]


@pytest.mark.parametrize(
    ("head", "name", "sure"),
    [
        (b"a;b\n1;2\n", "x.csv", 0.95),
        (b"a;b\n1;2\n", "download", 0.6),
        (b"BEGIN:VCALENDAR\n", "x.csv", 0.0),
        (b'{"a": 1}', "x.json", 0.0),
        (b"PK\x03\x04", "x.csv", 0.0),
    ],
)
def test_sniff(head: bytes, name: str, sure: float) -> None:
    assert csv_table.sniff(head, name) == sure
