"""Whatever the bytes: records, problems or a refusal, and never anything else."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from allmende.formats import csv_table, geojson, plain_json, xlsx_table
from allmende.formats.mapping import check_mapping, dump_mapping, load_mapping, parse_with_mapping
from allmende.formats.mapping.fields import FIELDS
from allmende.formats.records import Parsed, Problem, RawRecord, ReadOptions, UnusableInput
from tests.formats.tabular_help import ROOT, split_all

READERS = [csv_table, xlsx_table, plain_json, geojson]
SAMPLES = {
    reader.NAME: next(
        (ROOT / "src/allmende/formats" / str(reader.__name__).rpartition(".")[2] / "samples").glob("*.[cgjx]*")
    ).read_bytes()
    for reader in READERS
}
EVERYTHING: dict[str, Any] = {
    name: {"each": "a.*", **dict.fromkeys(field.parts, "a")} if field.shape == "each"
    else dict.fromkeys(field.parts or ("a",), "a") if field.shape in ("facts", "free")
    else ["a", "b"] if field.shape == "list" else "a|b.a"
    for name, field in FIELDS.items()
}  # fmt: skip
MAPPING = {"key": "id", "fields": {**EVERYTHING, "name": "name", "start": "start|a"}}
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.dates().map(str)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
    st.sampled_from(["a", "b", "id", "name", "start", "type", "coordinates", "fr", "@value"]), inner, max_size=4), max_leaves=12)  # fmt: skip


def outcome(reader: Any, data: bytes, mapping: dict[str, Any] | None) -> None:
    options = ReadOptions(mapping=mapping, timezone="Europe/Paris")
    try:
        options = ReadOptions(mapping=reader.resolve_mapping(io.BytesIO(data), options), timezone="Europe/Paris")
        for item in reader.split(io.BytesIO(data), options):
            assert isinstance(item, RawRecord | Problem)
            if isinstance(item, RawRecord):
                assert 0 < len(item.key) <= 255
                assert_sound(reader.parse(item, options))
    except UnusableInput as refusal:
        assert str(refusal)  # noqa: PT017 - one of the two outcomes


def assert_sound(parsed: Parsed) -> None:
    record = parsed.record
    if record is None:
        assert any(problem.severity == "error" for problem in parsed.problems)
        return
    assert all(record.name.values())
    assert (record.kind == "event") == (record.schedule is not None)
    assert (record.lat is None) == (record.lon is None)
    schedule = record.schedule
    if schedule is not None and schedule.end is not None:
        assert isinstance(schedule.start, datetime) == isinstance(schedule.end, datetime)
        assert schedule.end >= schedule.start
    for price in record.prices:
        assert price.minimum is None or price.maximum is None or price.minimum <= price.maximum
    assert "\0" not in json.dumps(record.extra, allow_nan=False)


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.NAME)
@given(data=st.binary(max_size=300), with_mapping=st.booleans())
def test_any_bytes(reader: Any, data: bytes, with_mapping: bool) -> None:
    assert 0 <= reader.sniff(data, "x.csv") <= 1
    outcome(reader, data, MAPPING if with_mapping else None)


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.NAME)
@given(data=st.data())
def test_a_damaged_real_file(reader: Any, data: st.DataObject) -> None:
    sample = bytearray(SAMPLES[reader.NAME])
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(sample) - 1))
        sample[at : at + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=4))
    outcome(reader, bytes(sample), None)


@given(
    st.lists(VALUES, max_size=5), st.sampled_from(["", "a", "*", "*.a"]), st.sampled_from(["event", "place", "offer"])
)
def test_json_of_any_shape(values: list[Any], path: str, kind: str) -> None:
    data = json.dumps({"a": values} if path else values).encode()
    outcome(plain_json, data, {**MAPPING, "records": path, "kind": kind})
    outcome(plain_json, data, None)


@given(VALUES, st.sampled_from(["event", "place"]))
def test_features_with_any_geometry(geometry: Any, kind: str) -> None:
    feature = {
        "type": "Feature",
        "id": 1,
        "name": "a",
        "start": "2026-11-07",
        "properties": {"name": "a"},
        "geometry": geometry,
    }
    outcome(
        geojson, json.dumps({"type": "FeatureCollection", "features": [feature]}).encode(), {**MAPPING, "kind": kind}
    )


@given(st.lists(st.lists(st.text(max_size=12), min_size=1, max_size=6), max_size=8), st.sampled_from(";,\t|"))
def test_tables_of_any_texts(rows: list[list[str]], separator: str) -> None:
    stream = io.StringIO()
    csv.writer(stream, delimiter=separator).writerows([["id", "name", "start", "a"], *rows])
    outcome(csv_table, stream.getvalue().encode("utf-8", "replace"), {**MAPPING, "kind": "place"})


CELLS = st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False) | st.dates(
    date(1900, 3, 1), date(9999, 1, 1)) | st.times().map(lambda t: time(t.hour, t.minute)) | st.text(
    st.characters(min_codepoint=32, max_codepoint=0x2FFF), max_size=12)  # fmt: skip


@given(st.lists(st.lists(CELLS, max_size=5), max_size=6))
def test_worksheets_of_any_cells(rows: list[list[Any]]) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [["id", "name", "start", "a"], *rows]:
        sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    outcome(xlsx_table, stream.getvalue(), {**MAPPING, "kind": "place"})


@given(st.lists(st.lists(st.text("abc äß;.\"'", max_size=8), min_size=3, max_size=3), min_size=1, max_size=8))
def test_what_is_written_as_csv_is_read_as_it_was(rows: list[list[str]]) -> None:
    stream = io.StringIO()
    csv.writer(stream, delimiter=";").writerows([["id", "name", "end"], *rows])
    records, _ = split_all(csv_table, stream.getvalue().encode(), {"kind": "place", "fields": {"name": "name"}})
    written = [row for row in rows if any(cell.strip() for cell in row)]
    read = [json.loads(record.raw) for record in records]
    assert [[row.get(name, "").strip() for name in ("id", "name", "end")] for row in read] == [
        [cell.strip() for cell in row] for row in written
    ]


@given(
    st.dictionaries(
        st.sampled_from(["kind", "fields", "split", "values", "constants", "skip", "key", "timezone", "x"]), VALUES
    )
)
def test_any_mapping_is_checked_not_raised(mapping: dict[str, Any]) -> None:
    errors = [problem for problem in check_mapping(mapping) if problem.severity == "error"]
    parsed = parse_with_mapping(
        RawRecord("1", b'{"name": "a", "start": "2026-11-07"}', "row 1"), ReadOptions(mapping=mapping)
    )
    assert not (errors and parsed.record)


@given(st.binary(max_size=60))
def test_any_mapping_file_is_read_or_refused(data: bytes) -> None:
    try:
        mapping = load_mapping(data)
    except UnusableInput:
        return
    assert load_mapping(dump_mapping(mapping)) == mapping
