"""Plain JSON of any shape."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from allmende.formats import plain_json
from allmende.formats.plain_json.records_path import find_records
from allmende.formats.records import RawRecord, ReadOptions, UnusableInput
from tests.formats.tabular_help import read_all, split_all

MAPPING: dict[str, Any] = {"kind": "place", "records": "", "key": "id", "fields": {"name": "n"}}
SAMPLES = Path(plain_json.__file__).parent / "samples"


def test_a_raw_record_is_the_object_as_delivered() -> None:
    records, problems = split_all(plain_json, '[{"id":1,  "n":"Mühle"},\n{"id": 2}]'.encode(), MAPPING)
    assert records == [
        RawRecord("1", '{"id":1,  "n":"Mühle"}'.encode(), "record 1, line 1"),
        RawRecord("2", b'{"id": 2}', "record 2, line 2"),
    ]
    assert problems == []


def test_what_is_no_object_is_left_out_with_its_place() -> None:
    records, problems = split_all(plain_json, b'[{"id": 1}, 7, "x", [1]]', MAPPING)
    assert len(records) == 1
    assert [(problem.where, problem.code) for problem in problems] == [
        ("record 2, line 1", "not-an-object"),
        ("record 3, line 1", "not-an-object"),
        ("record 4, line 1", "not-an-object"),
    ]


def test_the_name_of_a_member_can_be_the_key() -> None:
    mapping = {**MAPPING, "records": "*", "key": "$name"}
    assert [raw.key for raw in split_all(plain_json, b'{"m1": {"n": "a"}, "m2": {"n": "b"}}', mapping)[0]] == [
        "m1",
        "m2",
    ]


def test_half_surrogates_and_raw_line_breaks_are_borne() -> None:
    parsed, _ = read_all(plain_json, b'[{"id": 1, "n": "a\\ud800\nb"}]', MAPPING)
    assert [one.record.name for one in parsed if one.record] == [{"": "a b"}]


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ('[{"a": 1}]', ""),
        ('{"a": 1}\n{"a": 2}', ""),
        ('{"meta": {"tags": [{"t": 1}]}, "result": {"items": [{"a": 1}, {"a": "}]"}]}}', "result.items"),
        ('{"2026": [{"a": 1}]}', "*"),
        ('{"berlin": [{"a": 1}], "moers": [{"a": 1}]}', "*"),
        ('{"title": "Ein Fest", "pictures": [{"u": 1}, {"u": 2}]}', ""),
        ('{"count": 3}', ""),
        ('{"data": [{"a": 1}, {"a": [{"b": 1}, {"b": 2}, {"b": 3}]}]}', "data"),
    ],
)
def test_where_the_records_lie_is_found(document: str, path: str) -> None:
    stream = io.BytesIO(document.encode())
    assert find_records(stream) == path
    assert stream.tell() == 0


def test_samples_are_read_without_any_help() -> None:
    for name, count in (("occitanie_3.json", 3), ("wollbach_2026.json", 5)):
        data = (SAMPLES / name).read_bytes()
        mapping = plain_json.resolve_mapping(io.BytesIO(data), ReadOptions())
        parsed, _ = read_all(plain_json, data, mapping)
        assert [one.record.kind for one in parsed if one.record] == ["event"] * count


def test_without_a_mapping_split_proposes_one() -> None:
    data = json.dumps({"items": [{"id": n, "title": "a", "start": "2026-11-07"} for n in range(3)]}).encode()
    assert [raw.key for raw in split_all(plain_json, data)[0]] == ["0", "1", "2"]


def test_what_has_no_title_is_refused_as_a_whole() -> None:
    with pytest.raises(UnusableInput, match="title"):
        split_all(plain_json, b'[{"x": 1}]')


def test_sniff() -> None:
    assert plain_json.sniff(b'[{"a": 1}]', "a.json") == 0.8
    assert plain_json.sniff(b'\xef\xbb\xbf{"a": 1}', "a") == 0.6
    assert plain_json.sniff(b'{"@context": "https://schema.org"}', "a.json") == 0.3
    assert plain_json.sniff(b"a;b", "a.json") == 0.0
