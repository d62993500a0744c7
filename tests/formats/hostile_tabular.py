"""Makes the hostile deliveries that are too large, or too odd, to be kept as files."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Final

from openpyxl import Workbook


def _workbook_with(parts: dict[str, bytes]) -> bytes:
    plain = io.BytesIO()
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["id", "name", "start"])
    sheet.append(["1", "=cmd|' /C calc'!A0", "2026-11-07"])
    book.save(plain)
    made = io.BytesIO()
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, parts.pop(name, old.read(name)))
        for name, data in parts.items():
            new.writestr(name, data)
    return made.getvalue()


def _sheet(rows: str) -> dict[str, bytes]:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return {
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{space}"><sheetData>{rows}</sheetData></worksheet>'.encode()
    }


LARGE: Final[dict[str, tuple[str, Callable[[], bytes]]]] = {
    "cell of 10 MB": ("csv", lambda: b"id,name,start\n1," + b"x" * 10_000_000 + b",2026-11-07\n"),
    "cell of 10 MB in quotation marks": ("csv", lambda: b'id,name,start\n1,"' + (b"x" * 99 + b"\n") * 100_000 + b'",2026-11-07\n'),
    "quotation marks without end": ("csv", lambda: b"id,name,start\n" + b'"1,a""\n' * 200_000),
    "a million columns": ("csv", lambda: b"a," * 1_000_000 + b"\n1\n"),
    "a million names of one letter": ("csv", lambda: b";".join([b"a"] * 900) + b"\n" + b"1;2\n" * 100),
    "only separators": ("csv", lambda: b";" * 3_000_000),
    "only line breaks": ("csv", lambda: b"\r\n" * 2_000_000),
    "NUL bytes": ("csv", lambda: b"id,name,start\n1,a\0b,2026-11-07\n" + b"\0" * 1_000_000),
    "nothing but NUL": ("csv", lambda: b"\0" * 1_000_000),
    "deep nest": ("json", lambda: b'[{"id": 1, "name": ' + b"[" * 100_000 + b"]" * 100_000 + b"}]"),
    "deep nest of objects": ("json", lambda: b'{"a":' * 100_000),
    "record of 10 MB": ("json", lambda: b'[{"id": 1, "name": "' + b"x" * 10_000_000 + b'"}]'),
    "text without end": ("json", lambda: b'[{"id": 1, "name": "' + b"x" * 10_000_000),
    "only brackets": ("json", lambda: b"[{" * 1_000_000),
    "only commas": ("json", lambda: b"[" + b"," * 5_000_000),
    "half characters": ("json", lambda: b'[{"id": 1, "name": "' + b"\\ud800" * 100_000 + b'", "start": "2026-11-07"}]'),
    "long number": ("json", lambda: b'[{"id": ' + b"9" * 1_000_000 + b', "name": "a"}]'),
    "large exponent": ("json", lambda: b'[{"id": 1, "name": "a", "start": 1e308, "lat": 1e999, "lon": -1e999}]'),
    "markup that is slow to read": ("json", lambda: json.dumps([{"id": 1, "name": "<div>" * 100_000, "start": "2026-11-07"}]).encode()),
    "entities that unfold": ("json", lambda: json.dumps([{"id": 1, "name": "&amp;" * 500_000, "start": "2026-11-07"}]).encode()),
    "a polygon of 100,000 corners": (
        "geojson",
        lambda: json.dumps(
            {"type": "FeatureCollection", "features": [
                {"type": "Feature", "id": 1, "properties": {"name": "a"},
                 "geometry": {"type": "Polygon", "coordinates": [[[n % 180, n % 90] for n in range(100_000)]]}}]}
        ).encode(),
    ),
    "a geometry within geometries": (
        "geojson",
        lambda: b'{"type": "Feature", "properties": {"name": "a"}, "geometry": '
        + b'{"type": "GeometryCollection", "geometries": [' * 45 + b"]}" * 45 + b"}",
    ),
    "zip bomb": ("xlsx", lambda: _workbook_with({"xl/media/image1.png": b"\0" * (310 * 1024 * 1024)})),
    "zip bomb in the texts": ("xlsx", lambda: _workbook_with({"xl/sharedStrings.xml": b" " * (110 * 1024 * 1024)})),
    "billion laughs": (
        "xlsx",
        lambda: _workbook_with({"xl/worksheets/sheet1.xml": b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><worksheet>&b;</worksheet>'}),
    ),
    "row of number one billion": ("xlsx", lambda: _workbook_with(_sheet('<row r="1000000000"><c r="A1"><v>1</v></c></row>'))),
    "column that is none": ("xlsx", lambda: _workbook_with(_sheet('<row r="1"><c r="ZZZZZZ1"><v>1</v></c></row>'))),
    "rows that go back": ("xlsx", lambda: _workbook_with(_sheet('<row r="3"><c r="A3"><v>1</v></c></row><row r="1"><c r="A1"><v>2</v></c></row>'))),
    "serial that is no day": (
        "xlsx",
        lambda: _workbook_with(_sheet('<row r="1"><c r="A1" t="d"><v>99999-99-99</v></c></row>')),
    ),
    "text that is not there": ("xlsx", lambda: _workbook_with(_sheet('<row r="1"><c r="A1" t="s"><v>4000000</v></c></row>'))),
}  # fmt: skip
"""Name -> reader and how to make it."""
