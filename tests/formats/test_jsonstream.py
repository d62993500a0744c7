"""Walking through JSON of any size."""

from __future__ import annotations

import io
import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allmende.formats.jsonstream import MAX_ELEMENT, Element, split_json
from allmende.formats.records import Problem, UnusableInput


def walk(data: bytes, path: str = "") -> tuple[list[Any], list[Problem]]:
    items = list(split_json(io.BytesIO(data), path))
    return (
        [item.value for item in items if isinstance(item, Element)],
        [item for item in items if isinstance(item, Problem)],
    )


@pytest.mark.parametrize(
    ("document", "path", "values"),
    [
        ('[{"a": 1}, {"a": 2}]', "", [{"a": 1}, {"a": 2}]),
        ('{"a": 1}', "", [{"a": 1}]),
        ('{"a": 1}\n{"a": 2}\n', "", [{"a": 1}, {"a": 2}]),
        ('{"a": 1}\n\x1e{"a": 2}', "", [{"a": 1}, {"a": 2}]),
        ('{"type": "x", "features": [1, 2]}', "features", [1, 2]),
        ('{"n": {"s": "]}"}, "result": {"more": [9], "items": [1]}, "z": []}', "result.items", [1]),
        ('{"2026": [{"a": 1}], "2027": [{"a": 2}]}', "*", [{"a": 1}, {"a": 2}]),
        ('{"x": {"a": 1}, "y": {"a": 2}}', "*", [{"a": 1}, {"a": 2}]),
        ('[{"items": [1]}, {"items": [2, 3]}]', "*.items", [1, 2, 3]),
        ('{"a": [{"b": [1]}, {"c": 0}, {"b": [2]}]}', "a.b", [1, 2]),
        ("[]", "", []),
        ('[{"a": 1},]', "", [{"a": 1}]),
    ],
)
def test_elements_at_a_path(document: str, path: str, values: list[Any]) -> None:
    assert walk(document.encode(), path) == (values, [])


def test_an_element_knows_its_bytes_number_line_and_name() -> None:
    items = list(split_json(io.BytesIO('{\n"k": [\n {"a": "é"},\n {"b":2}\n]}'.encode()), "k"))
    assert items == [
        Element(0, '{"a": "é"}'.encode(), {"a": "é"}, "record 1, line 3", "k"),
        Element(1, b'{"b":2}', {"b": 2}, "record 2, line 4", "k"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_encodings_with_and_without_marks(encoding: str) -> None:
    assert walk('[{"ort": "Kandern-Egerten, Wöllbach"}]'.encode(encoding)) == (
        [{"ort": "Kandern-Egerten, Wöllbach"}],
        [],
    )


def test_latin_1_is_read_with_a_note() -> None:
    values, problems = walk('[{"ort": "Lörrach"}]'.encode("latin-1"))
    assert values == [{"ort": "Lörrach"}]
    assert [(problem.code, problem.severity) for problem in problems] == [("latin-1", "note")]


def test_one_bad_byte_does_not_turn_utf_8_into_latin_1() -> None:
    values, problems = walk('[{"ort": "Lörrach"}, {"x": "'.encode() + b"\xff" + b'"}]')
    assert values == [{"ort": "Lörrach"}, {"x": "�"}]
    assert [problem.code for problem in problems] == ["bad-bytes"]


def test_a_damaged_record_keeps_no_other_out() -> None:
    values, problems = walk(b'[{"a": 1},\n{"a": NaN},\n{"a": tru},\n{"a": 4}]')
    assert values == [{"a": 1}, {"a": 4}]
    assert [problem.where for problem in problems] == ["record 2, line 2, byte 12", "record 3, line 3, byte 30"]
    assert problems[0].message == "This is not valid JSON (NaN is not a JSON number; write null)."


def test_infinity_is_refused() -> None:
    values, problems = walk(b'[{"a": Infinity}, {"a": -Infinity}, {"a": 1}]')
    assert (values, len(problems)) == ([{"a": 1}], 2)


def test_what_stands_before_a_torn_end_goes_in() -> None:
    values, problems = walk(b'[{"a": 1}, {"a": 2}, {"a": "thr')
    assert values == [{"a": 1}, {"a": 2}]
    assert problems[0].where == "record 3, line 1, byte 28"
    assert problems[0].code == "truncated"


def test_a_missing_comma_is_named_with_its_place() -> None:
    values, problems = walk(b'[{"a": 1}\n {"a": 2}]')
    assert values == [{"a": 1}]
    assert [problem.where for problem in problems] == ["line 2, byte 12"]


def test_a_bad_line_of_newline_delimited_json_is_one_problem() -> None:
    values, problems = walk(b'{"a": 1}\n{"a": oops}\n{"a": 3}\n')
    assert values == [{"a": 1}, {"a": 3}]
    assert [problem.where for problem in problems] == ["record 2, line 2, byte 16"]


def test_too_deep_and_too_large_records_are_left_out() -> None:
    deep = b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}"
    bearable = b'{"a":' + b"[" * 98 + b"]" * 98 + b"}"
    unbearable = b'{"a":' + b"[" * 100 + b"]" * 100 + b"}"
    large = b'{"a": "' + b"x" * (MAX_ELEMENT + 1) + b'"}'
    values, problems = walk(b"[" + b",".join([deep, bearable, unbearable, large, b'{"b": 1}']) + b"]")
    assert len(values) == 2
    assert values[1] == {"b": 1}
    assert [problem.code for problem in problems] == ["too-deep", "too-deep", "too-large"]


def test_an_endless_nest_ends() -> None:
    assert walk(b"[" * 200_000)[0] == []
    assert walk(b'{"a":' * 200_000, "a.b")[0] == []


def test_numbers_of_thousands_of_digits_are_refused() -> None:
    values, problems = walk(b'[{"a": ' + b"9" * 5000 + b'}, {"a": 1}]')
    assert (values, [problem.code for problem in problems]) == ([{"a": 1}], ["bad-json"])


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"<!DOCTYPE html><html><body>Login", "web page"),
        (b'<?xml version="1.0"?><rss>', "XML"),
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"PK\x03\x04....", "ZIP"),
        (b"BEGIN:VCALENDAR\r\n", "iCalendar"),
        (b"Titel;Datum\n", "not JSON"),
    ],
)
def test_what_is_no_json_is_refused_with_its_name(data: bytes, word: str) -> None:
    with pytest.raises(UnusableInput, match=word):
        list(split_json(io.BytesIO(data)))


def test_a_path_that_leads_nowhere_is_refused() -> None:
    with pytest.raises(UnusableInput, match="records"):
        list(split_json(io.BytesIO(b'{"a": [1]}'), "b.c"))


def test_memory_stays_flat() -> None:
    record = json.dumps({"skip": ["x" * 50] * 10, "n": 1}).encode()
    data = b'{"before": [' + b",".join([record] * 8000) + b'], "items": [' + b",".join([record] * 8000) + b"]}"
    stream = io.BytesIO(data)
    tracemalloc.start()
    count = sum(1 for _ in split_json(stream, "items"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 8000
    assert peak < len(data) / 2 < 6_000_000


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(st.lists(VALUES, max_size=8), st.sampled_from(["utf-8", "utf-16", "utf-8-sig"]), st.booleans())
def test_any_list_comes_back_as_it_was(values: list[Any], encoding: str, indent: bool) -> None:
    text = json.dumps(
        values, ensure_ascii=max(json.dumps(values, ensure_ascii=False)) >= "\ud800", indent=1 if indent else None
    )
    try:
        data = text.encode(encoding)
    except UnicodeEncodeError:
        data = json.dumps(values).encode(encoding)
    assert walk(data) == (values, [])


@given(st.binary(max_size=400), st.sampled_from(["", "a", "*", "a.*.b"]))
def test_any_bytes_end_in_records_problems_or_a_refusal(data: bytes, path: str) -> None:
    try:
        items = list(split_json(io.BytesIO(b"[" + data), path))
    except UnusableInput:
        return
    assert all(isinstance(item, Element | Problem) for item in items)


def test_lists_in_lists_end_with_a_reason_when_a_path_is_looked_for() -> None:
    found = list(split_json(io.BytesIO(b"[" * 100_000), "Items"))
    assert [item.code for item in found if isinstance(item, Problem)] == ["truncated"]
