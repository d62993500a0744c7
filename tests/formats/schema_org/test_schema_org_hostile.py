"""Deliveries that mean harm: nothing crashes, nothing hangs, nothing dangerous comes through."""

from __future__ import annotations

import io
import json
import re
import tracemalloc
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allmende.formats import schema_org
from allmende.formats.records import (
    ACCESS_FACTS,
    AUDIENCES,
    STATUSES,
    Hours,
    Parsed,
    RawRecord,
    ReadOptions,
    Record,
    UnusableInput,
)
from tests.formats.schema_org.schema_reading import OPTIONS, SAMPLES, as_bytes, codes, event, read, read_one, split

CORPUS = Path(__file__).parents[2] / "corpora" / "hostile" / "schema_org"
FILES = sorted(path for path in CORPUS.iterdir() if path.suffix != ".md")
DANGEROUS = re.compile(r"<(?:script|img|svg|a|b|p)\b|(?:javascript|vbscript|data):", re.IGNORECASE)


def texts_of(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for inner in value.values() for text in texts_of(inner)]
    return [text for inner in value for text in texts_of(inner)] if isinstance(value, list | tuple) else []


def check(record: Record) -> None:
    """What holds of every record, whatever was delivered."""
    assert 0 < len(record.key) <= 255
    assert record.name
    assert record.kind != "event" or record.schedule is not None
    assert record.status in STATUSES
    assert set(record.audience) <= set(AUDIENCES)
    assert set(record.accessibility) <= set(ACCESS_FACTS)
    assert (record.lon is None) == (record.lat is None)
    for url in (
        record.url,
        record.online_url,
        record.organiser.url,
        record.contact.url,
        *(m.url for m in record.media),
    ):
        assert url == "" or re.match(r"https?://[^@/]+(?:[/?#]|$)", url)
    for line in record.hours:
        assert line.days
        assert all(re.fullmatch(r"(?:[01]\d|2[0-3]):[0-5]\d", end) for end in (line.opens, line.closes) if end)
    json.dumps(record.extra)
    str(asdict(record)).encode()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_hostile_file_breaks_the_reader(path: Path) -> None:
    try:
        records, problems = read(path.read_bytes())
    except UnusableInput:
        return
    assert records or problems
    for record in records:
        check(record)


def test_no_script_comes_through() -> None:
    record = read_one((CORPUS / "script_in_texts.html").read_bytes())
    check(record)
    shown = [
        *texts_of(record.name),
        *texts_of(record.extra),
        record.place_name,
        record.organiser.name,
        *record.categories,
    ]
    assert record.name == {"": "Concert"}
    assert [item.url for item in record.media] == ["https://ok.example/a.jpg"]
    assert (record.organiser.url, record.organiser.email) == ("", "")
    assert not [text for text in shown if DANGEROUS.search(text)]


def test_good_scripts_are_read_beside_broken_ones() -> None:
    records, problems = read((CORPUS / "broken_scripts.html").read_bytes())
    assert [record.name for record in records] == [{"": "Good"}, {"": "Also good"}]
    assert {problem.where for problem in problems if problem.severity == "error"} >= {
        "script 1",
        "script 2",
        "script 6",
    }


def test_odd_values_are_left_out_one_by_one() -> None:
    records, problems = read((CORPUS / "odd_values.jsonld").read_bytes())
    by_key = {record.key[-1]: record for record in records}
    assert set(by_key) >= {"1", "6", "8"}
    assert "no-start" in codes(problems)
    assert by_key["6"].hours == [Hours(tuple(range(7)), "09:00", "09:00")]


@pytest.mark.parametrize(
    "delivery",
    [
        "[" * 100_000,
        '{"@type":"Event","name":' * 50_000,
        json.dumps(event())[:-1] + "," + '"a":{' * 3000 + "}" * 3001,
        "<script type='application/ld+json'>" + "/*" * 200_000,
        "<script type='application/ld+json'>" + '{"a":' * 100_000,
        "<div itemscope itemtype='https://schema.org/Event'>" * 4000,
        "<div typeof='Event'>" * 1500,
        "<html>" + "<script type=application/ld+json>{}</script>" * 5000,
        '{"@type":"Event","name":"' + "\\" * 100_001,
        "[" + "9" * 500_000 + "]",
        '{"@context":"https://schema.org","location":' + '{"a":' * 200_000 + "1" + "}" * 200_001,
    ],
    ids=range(11),
)
def test_deep_and_endless_deliveries_end_with_a_reason(delivery: str) -> None:
    try:
        records, problems = read(delivery)
    except UnusableInput:
        return
    assert records == []
    assert problems


def test_a_text_of_a_million_tags_is_read_in_little_memory() -> None:
    delivery = as_bytes([event(description="<b>" * 300_000, name="<i>" * 10_000 + "Name")])
    tracemalloc.start()
    records, _ = read(delivery)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert records[0].name == {"": "Name"}
    assert peak < 60 * 1024 * 1024


def test_a_page_that_is_too_large_is_refused() -> None:
    with pytest.raises(UnusableInput, match="larger than 16 MiB"):
        split(b"<html>" + b" " * (17 * 1024 * 1024))


# --- fuzz

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(
        [
            "2026-05-02", "2026-05-02T19:30:00+02:00", "Mo-Fr 09:00-18:00", "P1W", "PT1H", "https://v.example/1", "#a",
            "https://schema.org/Monday", "09:00", "EventCancelled", "12,50", "18+", "Europe/Berlin", "MO", "#b",
        ]
    ),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(["@type", "@id", "@value", "@language", "name", "url", "startDate", "geo", "latitude", "fr", "x"]),
        inner,
        max_size=4,
    ),
    max_leaves=8,
)  # fmt: skip
properties = st.sampled_from(
    [
        "name", "url", "@id", "identifier", "startDate", "endDate", "duration", "eventSchedule", "subEvent", "superEvent",
        "location", "organizer", "performer", "image", "offers", "openingHours", "openingHoursSpecification", "geo",
        "address", "audience", "typicalAgeRange", "amenityFeature", "keywords", "additionalType", "inLanguage",
        "dateModified", "eventStatus", "eventAttendanceMode", "doorTime", "previousStartDate", "description", "isLocatedAt",
        "takesPlaceAt", "hasDescription", "@graph", "itemListElement", "schema:name", "type", "id", "event", "starRating",
        "specialOpeningHoursSpecification", "@context", "isAccessibleForFree", "priceRange", "contactPoint",
    ]
)  # fmt: skip
nodes = st.builds(
    lambda type_name, name, fields: {"@type": type_name, "name": name, **fields},
    st.sampled_from(["Event", "EventSeries", "Museum", "Product", "schema:Event", "PlaceOfInterest"]),
    st.text(max_size=10) | st.just("Market"),
    st.dictionaries(properties, json_values, max_size=8),
)
schedules = st.dictionaries(
    st.sampled_from(
        [
            "repeatFrequency", "byDay", "byMonth", "byMonthDay", "byMonthWeek", "repeatCount", "startDate", "endDate",
            "startTime", "endTime", "exceptDate", "scheduleTimezone", "duration",
        ]
    ),
    json_values
    | st.sampled_from(["P1D", "P2W", "P1M", "P1Y", "daily", "Tuesday", 3, [1, 3], -1, "2026-06-01", "23:30", "America/Lima"]),
)  # fmt: skip


def survives(data: bytes) -> None:
    options = ReadOptions(timezone="Europe/Paris")
    try:
        raws = [item for item in schema_org.split(io.BytesIO(data), options) if isinstance(item, RawRecord)]
    except UnusableInput:
        return
    for raw in raws:
        parsed = schema_org.parse(raw, options)
        assert isinstance(parsed, Parsed)
        if parsed.record is None:
            assert any(problem.severity == "error" for problem in parsed.problems)
        else:
            check(parsed.record)
        assert parsed == schema_org.parse(raw, options)


@settings(max_examples=300, deadline=None)
@given(st.lists(nodes, max_size=4))
def test_any_nodes_are_read_or_refused(delivery: list[Any]) -> None:
    survives(json.dumps(delivery).encode())


@settings(max_examples=200, deadline=None)
@given(st.lists(schedules, min_size=1, max_size=3), st.sampled_from(["2026-05-02", "2026-05-02T10:00", None]))
def test_any_schedule_is_read_or_refused(found: list[Any], start: str | None) -> None:
    survives(json.dumps([event(eventSchedule=found, startDate=start)]).encode())


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    survives(data)
    survives(b'<html><script type="application/ld+json">' + data)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damaged_samples_are_read_or_refused(data: st.DataObject) -> None:
    whole = (
        SAMPLES / data.draw(st.sampled_from(["issue-447-01-eventseries.jsonld", "issue-1457-04-event.jsonld"]))
    ).read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    survives(whole[:at] + data.draw(st.binary(max_size=5)) + whole[at + data.draw(st.integers(0, 20)) :])


def test_parse_never_raises_for_foreign_bytes() -> None:
    for raw in (b"", b"null", b"[]", b"\xff\xfe", b'{"@graph": 5}', b"[" * 5000, b'"text"', b'{"@graph":[1,2]}'):
        parsed = schema_org.parse(RawRecord("k", raw, "record 1"), OPTIONS)
        assert parsed.record is None
        assert parsed.problems
