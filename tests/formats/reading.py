"""Short ways to read a delivery with any reader, and what holds of every record, whatever was delivered."""

from __future__ import annotations

import importlib
import io
import json
import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

from allmende.formats.records import (
    ACCESS_FACTS,
    AUDIENCES,
    STATUSES,
    Parsed,
    Problem,
    RawRecord,
    ReadOptions,
    Record,
    UnusableInput,
)
from tests.conftest import ROOT, SHARED_DATA

FORMATS = ROOT / "src" / "allmende" / "formats"
OPTIONS = ReadOptions(language="de", timezone="Europe/Berlin")
INTERFACES = ("opendatahub", "alpinebits", "datatourisme", "uitdatabank", "linked_events", "feed")
"""Readers of published interfaces, by folder."""
UITDATABANK = SHARED_DATA / "uitdatabank"


def reader(folder: str) -> Any:
    return importlib.import_module(f"allmende.formats.{folder}")


def samples(folder: str) -> list[Path]:
    return sorted(path for path in (FORMATS / folder / "samples").iterdir() if path.suffix != ".md")


def sample(folder: str, name: str) -> bytes:
    return (FORMATS / folder / "samples" / name).read_bytes()


def as_bytes(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    return value.encode() if isinstance(value, str) else json.dumps(value).encode()


def split(folder: str, value: Any, options: ReadOptions = OPTIONS) -> tuple[list[RawRecord], list[Problem]]:
    found = list(reader(folder).split(io.BytesIO(as_bytes(value)), options))
    return [item for item in found if isinstance(item, RawRecord)], [
        item for item in found if isinstance(item, Problem)
    ]


def read(folder: str, value: Any, options: ReadOptions = OPTIONS) -> tuple[list[Record], list[Problem]]:
    """Records of a delivery, and all problems, those of the delivery first."""
    raws, problems = split(folder, value, options)
    records = []
    for raw in raws:
        parsed: Parsed = reader(folder).parse(raw, options)
        problems += parsed.problems
        if parsed.record is not None:
            records.append(parsed.record)
        else:
            assert any(problem.severity == "error" for problem in parsed.problems)
    return records, problems


def read_one(folder: str, value: Any, options: ReadOptions = OPTIONS) -> Record:
    records, problems = read(folder, value, options)
    assert [problem.message for problem in problems if problem.severity == "error"] == []
    assert len(records) == 1
    return records[0]


def codes(problems: list[Problem]) -> list[str]:
    return [problem.code for problem in problems]


def outcome(folder: str, data: bytes) -> tuple[list[Record], list[Problem]]:
    """What comes of any bytes: sound records, problems, or a refusal that says why; never anything else."""
    try:
        records, problems = read(folder, data)
    except UnusableInput as refusal:
        assert len(str(refusal)) > 20  # noqa: PT017 - one of the two outcomes
        return [], []
    for record in records:
        assert_sound(record)
    assert all(0 < len(problem.message) < 400 and problem.code for problem in problems)
    assert "not-understood" not in codes(problems), problems
    return records, problems


def texts_in(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for inner in value.values() for text in texts_in(inner)]
    return [text for inner in value for text in texts_in(inner)] if isinstance(value, list | tuple) else []


def assert_sound(record: Record) -> None:
    assert 0 < len(record.key) <= 255
    assert record.name
    assert all(text and len(text) <= 500 and "\n" not in text for text in record.name.values())
    assert (record.schedule is not None) == (record.kind == "event")
    assert record.status in STATUSES
    assert set(record.audience) <= set(AUDIENCES)
    assert set(record.accessibility) <= set(ACCESS_FACTS)
    assert (record.lon is None) == (record.lat is None)
    assert record.lon is None or (-180 <= record.lon <= 180 and -90 <= (record.lat or 0) <= 90)
    links = [record.url, record.online_url, record.organiser.url, record.contact.url, *(m.url for m in record.media)]
    assert all(url == "" or re.match(r"https?://[^@/\s]+(?:[/?#]|$)", url) for url in links)
    for line in record.hours:
        assert line.days
        assert set(line.days) <= set(range(8))
        assert all(re.fullmatch(r"(?:[01]\d|2[0-3]):[0-5]\d", clock) for clock in (line.opens, line.closes) if clock)
    for price in record.prices:
        assert price.minimum is None or price.maximum is None or 0 <= price.minimum <= price.maximum
    _assert_schedule(record)
    plain = [record.name, record.summary, record.description, record.place_name, record.categories, record.organiser.name,
             record.contact.name, record.address.street, record.address.locality, record.hours_text, record.price_text,
             record.extra]  # fmt: skip
    for text in texts_in(plain):
        assert "<script" not in text.lower()
        assert not re.search("[\\x00\\u202e\\ud800-\\udfff]", text)
        assert len(text) <= 100_000
    assert len(record.categories) <= 60
    assert len(record.media) <= 30
    assert len(json.dumps(record.extra, allow_nan=False)) < 2_000_000


def _assert_schedule(record: Record) -> None:
    schedule = record.schedule
    if schedule is None:
        return
    pairs: list[tuple[Any, Any]] = [(schedule.start, schedule.end), *schedule.dates]
    assert len(pairs) <= 5000
    assert len({isinstance(start, datetime) for start, _ in pairs}) == 1
    for start, end in pairs:
        assert isinstance(start, date)
        assert end is None or (isinstance(end, datetime) == isinstance(start, datetime) and end >= start)
        assert not isinstance(start, datetime) or start.tzinfo is None
    assert [start for start, _ in pairs] == sorted({start for start, _ in pairs})
